namespace Presence.Redis.Tests.Stores;

/// <summary>Tests of servers of a cluster, one of which may reach the store by a cable.</summary>
public abstract class ServersFixture(StoreKind kind) : StoreFixture(kind)
{
    private readonly List<TestServer> _servers = [];

    internal Cable Cable { get; private set; } = null!;

    protected string Prefix { get; private set; } = null!;

    [SetUp]
    public void LayCable()
    {
        Prefix = $"t{Guid.NewGuid():N}"[..12];
        Cable = new Cable(Store.Configuration);
    }

    [TearDown]
    public async Task StopServers()
    {
        if (Cable is not null)
        {
            Cable.Mend();
            await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
            _servers.Clear();
            await Cable.DisposeAsync();
        }
    }

    internal async Task<TestServer> StartAsync(
        string name, Action<RedisPresenceOptions>? configure = null, Cable? cable = null, Action<StackExchange.Redis.ConfigurationOptions>? connect = null)
    {
        TestServer server = await TestServer.StartAsync(Store, Prefix, name, configure, cable, connect);
        _servers.Add(server);
        return server;
    }
}
