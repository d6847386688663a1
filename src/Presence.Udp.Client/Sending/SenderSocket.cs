using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Sending;

/// <summary>The socket that a group of senders shares: one for each address family that is sent to.</summary>
/// <remarks>
/// <para>It is bound to no address and connected to none, so the system picks route and source address anew for each datagram: a client that
/// moves to another network goes on.</para>
/// <para>Thread safety: full; <c>_lock</c> guards the sockets. No call waits for the network: a heartbeat that can't go out now is late, and better failed.</para>
/// </remarks>
internal sealed class SenderSocket : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<AddressFamily, Socket> _sockets = [];
    private bool _disposed;

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
            Close();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Close();
        }
    }

    private Socket Open(AddressFamily family)
    {
        if (!_sockets.TryGetValue(family, out Socket? socket))
        {
            socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            _sockets.Add(family, socket);
        }

        return socket;
    }

    private void Close()
    {
        foreach (Socket socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }
}
