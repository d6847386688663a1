namespace Presence.NetworkTests.Lab;

/// <summary>A server, many light clients, and one that is told of the others' end, each on a host of its own.</summary>
public abstract class LoadTest
{
    private const string Program = "tests/Presence.NetworkTests.Host";
    private const int Port = 7000;

    private HostProcess _watcher = null!;

    internal Network Network { get; private set; } = null!;

    internal HostProcess Server { get; private set; } = null!;

    internal HostProcess Clients { get; private set; } = null!;

    internal NetworkHost ClientHost => Network.Clients[0];

    [TearDown]
    public async Task EndAll()
    {
        if (Network is not null)
        {
            await Network.DisposeAsync();
        }
    }

    internal async Task StartServerAsync(params string[] settings)
    {
        Network = await Network.CreateAsync(clients: 2);
        Server = Network.Server.StartAhead(Program, ["server", .. settings]);
        await Server.ReadUntilAsync("listening");
        _watcher = Network.Clients[1].Start(Program, "watcher", $"host={Network.ServerAddressFor(Network.Clients[1])}");
        await _watcher.ReadUntilAsync("ready");
    }

    internal Task StartClientsAsync(int count, params string[] settings) => StartClientsOfKindAsync("clients", count, settings);

    internal async Task StartClientsOfKindAsync(string kind, int count, params string[] settings)
    {
        Clients = ClientHost.StartAhead(Program, [kind, $"host={Network.ServerAddressFor(ClientHost)}", $"count={count}", .. settings]);
        await Clients.ReadUntilAsync("ready");
    }

    /// <summary>
    /// Waits until every client's heartbeats arrive, and makes sure that of those who were expired nothing is left, and the others were told.
    /// </summary>
    internal async Task<Facts> AllBeatAsync(int count) =>
        await EndedOnceAsync(await Wait.UntilAsync(() => Server.AskAsync(), status => Holds(status, count) && status["highestCount"] <= 3));

    /// <summary>Waits until all are gone, and makes sure that they went once, that nothing is left of them, and that the others were told.</summary>
    internal async Task<Facts> NothingIsLeftAsync()
    {
        Facts status = await EndedOnceAsync(await Wait.UntilAsync(() => Server.AskAsync(), status => Holds(status, 0)));
        await Wait.UntilAsync(
            () => Network.Server.SocketsAsync(Port, ClientHost.Address),
            sockets => sockets.All(socket => socket.StartsWith("TIME-WAIT", StringComparison.Ordinal))); // which is what both sides have closed
        return status;
    }

    private static bool Holds(Facts status, int count) => new[] { "online", "connections", "names", "sessions", "keys" }.All(kind => status[kind] == count);

    private async Task<Facts> EndedOnceAsync(Facts status)
    {
        Assert.That(status["endedTwice"], Is.Zero);
        Facts told = await Wait.UntilAsync(() => _watcher.AskAsync(), told => told["expired"] >= status["expired"]);
        Assert.That(told["expired"], Is.EqualTo(status["expired"]), "Each is told once.");
        Assert.That(told["listening"], Is.EqualTo(1));
        return status;
    }

    internal static Task LastAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    internal static Task TellAsync(string measured) => TestContext.Out.WriteLineAsync(measured);
}
