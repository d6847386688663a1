using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>The sockets that heartbeats are received on: one, or on Linux one for each thread, all bound to one endpoint.</summary>
/// <remarks>Thread safety: none.</remarks>
internal sealed class HeartbeatSockets : IDisposable
{
    private const int SolSocket = 1;
    private const int SoReusePort = 15;

    private readonly IPEndPoint _endPoint;
    private readonly Socket[] _sockets;

    /// <summary>Makes the sockets, which are yet to be bound.</summary>
    public HeartbeatSockets(UdpHeartbeatOptions options, int count, bool filters)
    {
        (Socket first, _endPoint) = HeartbeatSocket.Create(options);
        _sockets = [first, .. Enumerable.Range(1, count - 1).Select(_ => HeartbeatSocket.Create(options).Socket)];
        IsFiltered = filters && _sockets.All(DatagramFilter.TryAttach); // before they are bound, so that garbage never comes in
    }

    public IReadOnlyList<Socket> All => _sockets;

    public Socket First => _sockets[0];

    public bool IsFiltered { get; }

    /// <summary>Binds all to one endpoint.</summary>
    /// <remarks>
    /// The first is bound as one that shares with nobody, so a port that anyone else has is refused, even another listener's. Only then it lets the others in, which the kernel
    /// grants to sockets of the same user.
    /// </remarks>
    /// <exception cref="SocketException">The endpoint cannot be bound; the message says which and what to do.</exception>
    public void Bind()
    {
        try
        {
            First.Bind(_endPoint);
            foreach (Socket socket in _sockets.Skip(1))
            {
                SharePort(First);
                SharePort(socket);
                socket.Bind(First.LocalEndPoint!);
            }
        }
        catch (SocketException exception)
        {
            throw new SocketException(
                (int)exception.SocketErrorCode,
                $"Heartbeats cannot be received on UDP {_endPoint}: {exception.Message}. "
                + $"Set {nameof(UdpHeartbeatOptions)}.{nameof(UdpHeartbeatOptions.EndPoint)} to an address of this machine and a port that is free, or 0 for any.");
        }
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static void SharePort(Socket socket) => socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
}
