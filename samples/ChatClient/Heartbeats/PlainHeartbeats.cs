using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Presence.Udp;

namespace ChatClient;

/// <summary>Sends heartbeats that nobody signs, from the application loop, to a server of <c>--plain-heartbeats</c>.</summary>
internal sealed class PlainHeartbeats : IDisposable
{
    private readonly Socket _socket;
    private readonly IPEndPoint _server;
    private readonly byte[] _datagram;
    private readonly HeartbeatProbe _post;
    private readonly ITimer _timer;
    private int _isPosted;

    /// <param name="server">Where heartbeats go.</param>
    /// <param name="welcome">The server's welcome, which says whose they are.</param>
    /// <param name="interval">Time between two of them.</param>
    /// <param name="post">Posts to the application loop.</param>
    public PlainHeartbeats(IPEndPoint server, JsonElement welcome, TimeSpan interval, HeartbeatProbe post)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _server = server;
        _post = post;
        _datagram = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["type"] = "heartbeat",
            ["user"] = welcome.GetProperty("user").GetString(),
            ["session"] = welcome.GetProperty("session").GetString(),
        });
        _timer = TimeProvider.System.CreateTimer(_ => Post(), null, TimeSpan.Zero, interval);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _socket.Dispose();
    }

    /// <summary>Posts no other while one waits for the loop, so that a loop which hung for a while doesn't send them all at once.</summary>
    private void Post()
    {
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            _post(Send);
        }
    }

    private void Send()
    {
        Volatile.Write(ref _isPosted, 0);
        try
        {
            _socket.SendTo(_datagram, _server);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A heartbeat that is lost is nothing to stop for: that is what the limit is for. And after Dispose none is to be sent.
        }
    }
}
