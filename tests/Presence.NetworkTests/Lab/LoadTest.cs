namespace Presence.NetworkTests.Lab;

/// <summary>A server and many light clients, on hosts of their own.</summary>
public abstract class LoadTest
{
    private const string Program = "tests/Presence.NetworkTests.Host";

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
        Network = await Network.CreateAsync(clients: 1);
        Server = Network.Server.Start(Program, ["server", .. settings]);
        await Server.ReadUntilAsync("listening");
    }

    internal Task StartClientsAsync(int count, params string[] settings) => StartClientsOfKindAsync("clients", count, settings);

    internal async Task StartClientsOfKindAsync(string kind, int count, params string[] settings)
    {
        Clients = ClientHost.Start(Program, [kind, $"host={Network.ServerAddressFor(ClientHost)}", $"count={count}", .. settings]);
        await Clients.ReadUntilAsync("ready");
    }

    /// <summary>Waits until every client's heartbeats arrive.</summary>
    internal Task<Facts> AllBeatAsync(int count) =>
        Wait.UntilAsync(() => Server.AskAsync(), status => status["online"] == count && status["highestCount"] <= 3);

    /// <summary>Waits until all are gone, and makes sure that they went once and that nothing is left of them.</summary>
    internal async Task<Facts> NothingIsLeftAsync()
    {
        string[] kinds = ["online", "connections", "names", "sessions", "keys"];
        Facts status = await Wait.UntilAsync(() => Server.AskAsync(), status => kinds.All(kind => status[kind] == 0));
        Assert.That(status["endedTwice"], Is.Zero);
        return status;
    }

    internal static Task LastAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    internal static Task TellAsync(string measured) => TestContext.Out.WriteLineAsync(measured);
}
