using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Presence;

namespace ChatServer.Tests;

/// <summary>The real server in this process, on ports of its own, whose ticks the test pushes.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, ManualTickSource ticks)
    {
        _app = app;
        Ticks = ticks;
    }

    public ManualTickSource Ticks { get; }

    public int TcpPort => Get<Endpoints>().TcpPort;

    public int UdpPort => Get<Endpoints>().UdpPort;

    public Uri Page => new($"http://127.0.0.1:{Get<Endpoints>().HttpPort}/");

    public PresenceTracker Tracker => Get<PresenceTracker>();

    public int Connections => Get<ChatHandler>().Connections;

    public static async Task<TestServer> StartAsync(params string[] settings)
    {
        var ticks = new ManualTickSource();
        WebApplication app = ChatApp.Create(
            ["--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--Logging:LogLevel:Default", "Warning", .. settings],
            services => services.AddSingleton<ITickSource>(ticks));
        await app.StartAsync();
        return new TestServer(app, ticks);
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(TcpPort);

    public async Task<TestClient> LogInAsync(string user)
    {
        TestClient client = await ConnectAsync();
        await client.LogInAsync(user);
        return client;
    }

    public int CountOf(string user) =>
        Tracker.TryGetClient(user, out ClientStatus status) ? status.Count : throw new InvalidOperationException($"{user} is not online.");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();
}
