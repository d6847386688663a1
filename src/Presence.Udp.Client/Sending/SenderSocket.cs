using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Sending;

/// <summary>The socket that a group of senders shares: one for each address family that is sent to, with a thread that reads what comes back.</summary>
/// <remarks>
/// <para>It is bound to no address and connected to none, so the system picks route and source address anew for each datagram: a client that
/// moves to another network goes on.</para>
/// <para>Thread safety: full; <c>_lock</c> guards the sockets. Sending waits for nothing: a heartbeat that can't go out now is late, and better failed.</para>
/// </remarks>
internal sealed class SenderSocket(SenderSocket.DatagramHandler onDatagram) : IDisposable
{
    private const int PollMicroseconds = 1_000_000;

    /// <summary>A new socket loses the answers that are on their way to the old one, so one sender's failures renew it for all only so often.</summary>
    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly Dictionary<AddressFamily, Socket> _sockets = [];
    private TimeSpan? _renewedAt;
    private bool _disposed;

    public delegate void DatagramHandler(ReadOnlySpan<byte> datagram);

    /// <summary>Sends a datagram, or throws why it could not.</summary>
    public void Send(byte[] datagram, IPEndPoint target)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                Open(target.AddressFamily).SendTo(datagram, target);
            }
        }
    }

    /// <summary>Has the next datagram use a new socket.</summary>
    public void Renew()
    {
        lock (_lock)
        {
            CloseNeedsLock();
        }
    }

    /// <summary>The same, once a second at most.</summary>
    public void RenewNowAndThen(TimeSpan now)
    {
        lock (_lock)
        {
            if (_renewedAt is not { } last || now - last >= RenewInterval)
            {
                _renewedAt = now;
                CloseNeedsLock();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            CloseNeedsLock();
        }
    }

    private Socket Open(AddressFamily family)
    {
        if (!_sockets.TryGetValue(family, out Socket? socket))
        {
            socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
            _sockets.Add(family, socket);
            Socket opened = socket;
            ContextFreeThread.Start("Presence acknowledgements", () => Receive(opened));
        }

        return socket;
    }

    private void CloseNeedsLock()
    {
        foreach (Socket socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }

    /// <summary>Reads until the socket is closed.</summary>
    private void Receive(Socket socket)
    {
        byte[] buffer = new byte[2 * HeartbeatDatagram.Length];
        try
        {
            while (IsOpen(socket))
            {
                if (socket.Poll(PollMicroseconds, SelectMode.SelectRead))
                {
                    int length = socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out SocketError error);
                    if (error == SocketError.Success)
                    {
                        onDatagram(buffer.AsSpan(0, length));
                    }
                }
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The socket was closed meanwhile. Heartbeats need no answer; the next socket has a thread of its own.
        }
    }

    private bool IsOpen(Socket socket)
    {
        lock (_lock)
        {
            return _sockets.ContainsValue(socket);
        }
    }
}
