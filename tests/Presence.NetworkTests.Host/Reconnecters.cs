using System.Diagnostics;

namespace Presence.NetworkTests.Host;

/// <summary>
/// Clients that never send a heartbeat, and log in again under their names the moment the server closes on them: in the tick in which their old session
/// expires, while it is being torn down. Halfway through its life each new session is asked for. If this process or the server was held up so long that the
/// session may have come to its own end by then, the answer says nothing, and is counted apart.
/// </summary>
internal sealed class Reconnecters(Arguments arguments)
{
    private readonly string _host = arguments.Text("host", "");
    private readonly int _port = arguments.Number("port", 7000);
    private readonly TimeSpan _life = TimeSpan.FromMilliseconds(arguments.Number("tick", 20) * arguments.Number("limit", 3));
    private int _rounds;
    private int _harmed;
    private int _unjudged;
    private volatile bool _isStopping;

    public async Task RunAsync()
    {
        Task[] clients = [.. Enumerable.Range(0, arguments.Number("count", 1)).Select(i => RunAsync($"client{i}"))];
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is "status")
        {
            Tell("status");
        }

        _isStopping = true;
        await Task.WhenAll(clients);
        Tell("stop");
    }

    private void Tell(string what) => Console.WriteLine($"{what}: rounds={_rounds} harmed={_harmed} unjudged={_unjudged}");

    private async Task RunAsync(string name)
    {
        while (!_isStopping)
        {
            using Connection connection = await Connection.ConnectAsync(_host, _port, CancellationToken.None);
            long started = Stopwatch.GetTimestamp();
            await connection.WriteAsync($"login {name}");
            bool isWelcome = await connection.ReadAsync() is not null;
            await Task.Delay(_life / 2, TimeProvider.System);
            await connection.WriteAsync($"ping {name}");
            bool isThere = isWelcome && await connection.ReadAsync() == "pong";
            Interlocked.Increment(ref _rounds);
            if (!isThere)
            {
                Interlocked.Increment(ref Stopwatch.GetElapsedTime(started) < _life ? ref _harmed : ref _unjudged);
            }

            await connection.ReadAsync(); // null, when it has expired
        }
    }
}
