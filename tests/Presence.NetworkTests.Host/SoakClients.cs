using System.Net;
using System.Net.Sockets;

namespace Presence.NetworkTests.Host;

/// <summary>The clients of a soak, in one process, with their heartbeats spread over the interval.</summary>
internal sealed class SoakClients
{
    private readonly SoakTally _tally = new();
    private readonly SoakTerms _terms;
    private readonly SoakClient[] _clients;

    public SoakClients(Arguments arguments)
    {
        _terms = new SoakTerms(
            arguments.Text("host", ""),
            arguments.Number("port", 7000),
            TimeSpan.FromMilliseconds(arguments.Number("tick", 250)),
            arguments.Number("limit", 10),
            TimeSpan.FromMilliseconds(arguments.Number("longest-freeze", 0)));
        var random = new Random(arguments.Number("seed", 0));
        _clients = [.. Enumerable.Range(0, arguments.Number("count", 1)).Select(i => new SoakClient($"client{i}", random.Next(), _terms, _tally))];
    }

    public async Task RunAsync()
    {
        new Thread(Beat) { IsBackground = true }.Start();
        Task running = Task.WhenAll(_clients.Select(client => client.RunAsync()));
        Console.WriteLine("ready");
        while (await await Task.WhenAny(Console.In.ReadLineAsync(), FailAsync(running)) is not null)
        {
            Console.WriteLine($"status: {_tally}");
        }
    }

    /// <summary>Passes on what ended a client, for they have no end.</summary>
    private static async Task<string?> FailAsync(Task running)
    {
        await running;
        return null;
    }

    private void Beat()
    {
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Connect(new IPEndPoint(IPAddress.Parse(_terms.Host), _terms.Port));
        using var never = new ManualResetEvent(initialState: false);
        long started = TimeProvider.System.GetTimestamp();
        for (long next = 0; ; next++)
        {
            TimeSpan early = (_terms.Tick / _clients.Length * next) - TimeProvider.System.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
            {
                never.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)));
            }

            _clients[next % _clients.Length].Session?.Beat(udp);
        }
    }
}
