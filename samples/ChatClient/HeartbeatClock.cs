using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace ChatClient;

/// <summary>Reminds the application loop to send a heartbeat. It sends none itself.</summary>
internal sealed class HeartbeatClock
{
    private readonly ServerLink _server;
    private readonly JsonObject _heartbeat;
    private readonly int _port;
    private readonly TimeSpan _interval;
    private int _isDue;
    private volatile bool _isStopped;

    /// <param name="server">Where heartbeats go.</param>
    /// <param name="welcome">The server's welcome, which says how.</param>
    public HeartbeatClock(ServerLink server, JsonElement welcome)
    {
        JsonElement terms = welcome.GetProperty("heartbeat");
        _server = server;
        _port = terms.GetProperty("port").GetInt32();
        _interval = TimeSpan.FromMilliseconds(terms.GetProperty("intervalMs").GetInt32());
        _heartbeat = new JsonObject
        {
            ["type"] = "heartbeat",
            ["user"] = welcome.GetProperty("user").GetString(),
            ["session"] = welcome.GetProperty("session").GetString(),
        };
    }

    public void Stop() => _isStopped = true;

    public async Task RunAsync(ChannelWriter<Func<Task>> loop)
    {
        using var timer = new PeriodicTimer(_interval, TimeProvider.System); // it has no drift: what is late doesn't move the next
        do
        {
            // While one waits for the loop no other is posted, so that a loop which hung for a while doesn't send them all at once.
            if (Interlocked.Exchange(ref _isDue, 1) == 0 && !loop.TryWrite(SendAsync))
            {
                Volatile.Write(ref _isDue, 0);
            }
        }
        while (await timer.WaitForNextTickAsync() && !_isStopped);
    }

    private async Task SendAsync()
    {
        Volatile.Write(ref _isDue, 0);
        if (!_isStopped)
        {
            await _server.SendHeartbeatAsync(_port, _heartbeat);
        }
    }
}
