using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Udp.Receiving;

/// <summary>Datagrams that the kernel dropped at a listener's sockets, as Linux tells them by SO_MEMINFO; elsewhere none are known.</summary>
/// <remarks>They need not be heartbeats: a wrong checksum and what a filter refuses count as well as a full buffer, so strangers can move the number. Thread safety: full; <c>_reading</c> guards the counts.</remarks>
internal sealed class KernelDrops(IReadOnlyList<Socket> sockets)
{
    private const int SolSocket = 1;
    private const int SoMemInfo = 55;
    private const int DropsIndex = 8;
    private const int Fields = 9;

    private readonly Lock _reading = new();
    private readonly uint[] _lastRead = new uint[sockets.Count];
    private long _total;
    private long _asked;

    /// <summary>Drops since the socket was made. The kernel's own count wraps, this one doesn't.</summary>
    public long Total
    {
        get
        {
            lock (_reading)
            {
                for (int i = 0; i < _lastRead.Length; i++)
                {
                    uint read = Read(sockets[i], _lastRead[i]);
                    _total += unchecked(read - _lastRead[i]);
                    _lastRead[i] = read;
                }

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

    private static uint Read(Socket socket, uint otherwise)
    {
        if (!OperatingSystem.IsLinux())
        {
            return otherwise;
        }

        Span<byte> info = stackalloc byte[Fields * sizeof(uint)];
        try
        {
            return socket.GetRawSocketOption(SolSocket, SoMemInfo, info) == info.Length ? MemoryMarshal.Cast<byte, uint>(info)[DropsIndex] : otherwise;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return otherwise; // an old kernel or a sandbox doesn't tell; and the last reader may come after the socket's end
        }
    }
}
