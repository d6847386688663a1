using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Presence;

namespace ChatServer.Tests;

/// <summary>The real server in this process, on ports of its own, whose ticks the test pushes.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    /// <summary>Tests say in a moment what people say in a day. Those of the limits set their own.</summary>
    private static readonly string[] Unhurried = ["--set", "Chat:MaxLinesPerSecond=100000", "--set", "Chat:MaxHeardBytesPerSecond=1000000000"];

    private readonly WebApplication _app;

    private TestServer(WebApplication app, ManualTickSource ticks)
    {
        _app = app;
        Ticks = ticks;
        Logs = Get<FakeLogCollector>();
    }

    public ManualTickSource Ticks { get; }

    /// <summary>What was logged, which can be read after the server as well.</summary>
    public FakeLogCollector Logs { get; }

    public int TcpPort => Get<Endpoints>().TcpPort;

    public int UdpPort => Get<Endpoints>().UdpPort;

    public Uri Page => new($"http://127.0.0.1:{Get<Endpoints>().HttpPort}/");

    /// <summary>What other servers take part with.</summary>
    public string StoreAddress => Get<Store>().Address;

    public PresenceTracker Tracker => Get<PresenceTracker>();

    public int Connections => Get<ChatHandler>().Connections;

    public static async Task<TestServer> StartAsync(params string[] settings)
    {
        var ticks = new ManualTickSource();
        WebApplication app = Create(
            [.. Unhurried, "--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--set", "Logging:LogLevel:Default=Warning", .. settings],
            services => services.AddSingleton<ITickSource>(ticks).AddLogging(logging => logging.AddFakeLogging()));
        await app.StartAsync();
        return new TestServer(app, ticks);
    }

    /// <summary>Puts a server together as its program does with such a command line.</summary>
    public static WebApplication Create(string[] arguments, Action<IServiceCollection>? configure = null)
    {
        WebApplication? app = null;
        ParseResult parsed = ServerCommand.Create(readSettings =>
        {
            app = ChatApp.Create(readSettings(), configure);
            return Task.FromResult(0);
        }).Parse(arguments);
        Assert.That(parsed.Errors, Is.Empty);
        parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return app!;
    }

    /// <summary>Starts one of the servers that share a store.</summary>
    public static Task<TestServer> StartInClusterAsync(string name, string redis, params string[] settings) =>
        StartAsync(["--redis", redis, "--redis-port", "0", "--set", $"Cluster:ServerName={name}", .. settings]);

    /// <summary>Connects as the server wants it: with TLS if it has a certificate.</summary>
    public Task<TestClient> ConnectAsync() => Get<Endpoints>().HasTls ? TestClient.ConnectWithTlsAsync(TcpPort) : TestClient.ConnectAsync(TcpPort);

    public async Task<TestClient> LogInAsync(string user)
    {
        TestClient client = await ConnectAsync();
        await client.LogInAsync(user);
        return client;
    }

    public int CountOf(string user) =>
        Tracker.TryGetClient(user, out ClientStatus status) ? status.Count : throw new InvalidOperationException($"{user} is not online.");

    /// <summary>Has a client send a heartbeat, and waits until it has counted, which shows if a tick has come since the one before.</summary>
    public async Task BeatAsync(TestClient client)
    {
        await client.BeatAsync();
        await Wait.UntilAsync(() => CountOf(client.User) == 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();
}
