using System.Net;
using System.Net.Sockets;
using Presence;

namespace ChatServer;

/// <summary>Receives heartbeats that nobody has signed, for playing with <c>nc -u</c>: the other way is <c>AddUdpHeartbeats</c>.</summary>
internal sealed class PlainHeartbeatListener(IPresenceTracker tracker, Endpoints endpoints, LogRate rate, ILogger<PlainHeartbeatListener> logger) : BackgroundService
{
    private const int MaxDatagramBytes = 65_536;

    private readonly Socket _socket = new(Endpoints.Any.AddressFamily, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Binds before the server accepts anyone, so that no client is told a port that is not there.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (_socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            _socket.DualMode = true;
        }

        _socket.Bind(new IPEndPoint(Endpoints.Any, endpoints.UdpPort)); // StartFailure has the words for it, if that fails
        endpoints.UdpPort = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        Log.PlainHeartbeats(logger, endpoints.UdpPort);
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
                if (rate.Allows(logger))
                {
                    Log.HeartbeatFailed(logger, exception.Message); // whatever one datagram does, the next is received
                }
            }
        }
    }

    /// <summary>Counts a heartbeat if its session is the user's own. A name alone keeps nobody alive, nor does an older session.</summary>
    private void Take(ReadOnlySpan<byte> datagram)
    {
        if (JsonHeartbeat.TryRead(datagram, out string user, out SessionId session)
            && tracker.TryGetClient(user, out ClientStatus client)
            && client.Session == session
            && client.State is ChatConnection { Reason: null }) // and its connection stands, see Breaking
        {
            tracker.Heartbeat(session);
        }
    }
}
