using System.Net;
using System.Net.Sockets;
using Presence;

namespace ChatServer;

/// <summary>Receives heartbeats over UDP. It answers nothing, so nobody can use it to send to somebody else.</summary>
internal sealed class HeartbeatListener(IPresenceTracker tracker, Endpoints endpoints, ILogger<HeartbeatListener> logger) : BackgroundService
{
    private const int MaxDatagramBytes = 65_536;

    private readonly Socket _socket = new(Endpoints.Any.AddressFamily, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Binds before the server accepts anyone, so that no client is told a port that is not there.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_socket.AddressFamily == AddressFamily.InterNetworkV6)
            {
                _socket.DualMode = true;
            }

            _socket.ReceiveBufferSize = 1024 * 1024; // heartbeats wait here while the server stands still; they are not to be lost
            _socket.Bind(new IPEndPoint(Endpoints.Any, endpoints.UdpPort));
        }
        catch (SocketException exception)
        {
            throw new IOException($"UDP port {endpoints.UdpPort} cannot be used: {exception.Message}.", exception);
        }

        endpoints.UdpPort = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _socket.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        byte[] buffer = new byte[MaxDatagramBytes];
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, stoppingToken);
                Take(buffer.AsSpan(0, length));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.HeartbeatFailed(logger, exception); // whatever one datagram does, the next is received
            }
        }
    }

    /// <summary>Counts a heartbeat if its session is the user's own. A name alone keeps nobody alive, nor does an older session.</summary>
    private void Take(ReadOnlySpan<byte> datagram)
    {
        if (JsonHeartbeat.TryRead(datagram, out string user, out SessionId session)
            && tracker.TryGetClient(user, out ClientStatus client)
            && client.Session == session)
        {
            tracker.Heartbeat(session);
        }
    }
}
