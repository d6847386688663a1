using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Udp.Receiving;

/// <summary>Datagrams that the kernel dropped at a socket, as Linux tells them by SO_MEMINFO; elsewhere none are known.</summary>
/// <remarks>They need not be heartbeats: a wrong checksum counts as well as a full buffer, so strangers can move the number. Thread safety: full; <c>_reading</c> guards the counts.</remarks>
internal sealed class KernelDrops(Socket socket)
{
    private const int SolSocket = 1;
    private const int SoMemInfo = 55;
    private const int DropsIndex = 8;
    private const int Fields = 9;

    private readonly Lock _reading = new();
    private uint _lastRead;
    private long _total;
    private long _asked;

    /// <summary>Drops since the socket was made. The kernel's own count wraps, this one doesn't.</summary>
    public long Total
    {
        get
        {
            lock (_reading)
            {
                uint read = Read();
                _total += unchecked(read - _lastRead);
                _lastRead = read;
                return _total;
            }
        }
    }

    /// <summary>Whether datagrams were dropped since the last call, of whatever kind: see <see cref="HeartbeatLoss"/>.</summary>
    public bool HaveMoved()
    {
        long total = Total;
        return Interlocked.Exchange(ref _asked, total) != total;
    }

    private uint Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return _lastRead;
        }

        Span<byte> info = stackalloc byte[Fields * sizeof(uint)];
        try
        {
            return socket.GetRawSocketOption(SolSocket, SoMemInfo, info) == info.Length ? MemoryMarshal.Cast<byte, uint>(info)[DropsIndex] : _lastRead;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return _lastRead; // an old kernel or a sandbox doesn't tell; and the last reader may come after the socket's end
        }
    }
}
