using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis)]
[TestFixture(StoreKind.RedisCluster)]
public class ClusterTests(StoreKind kind) : StoreFixture(kind)
{
    private readonly List<TestServer> _servers = [];
    private string _prefix = null!;

    [SetUp]
    public void NewPrefix() => _prefix = $"t{Guid.NewGuid():N}"[..12];

    [TearDown]
    public async Task StopServers()
    {
        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
        _servers.Clear();
    }

    [Test]
    public async Task FindAsync_ClientOnAnotherServer_NamesIt()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");

        (_, long token) = await a.JoinAsync("ann");

        Assert.That(await b.Cluster.FindAsync("ann"), Is.EqualTo(new ClusterClient { ClientId = "ann", Server = "a", FencingToken = token }));
        Assert.That(await b.Cluster.FindAsync("bob"), Is.Null);
        Assert.That(await b.Cluster.CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Leave_AfterJoin_IsOnlineNowhere()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (SessionId session, _) = await a.JoinAsync("ann");

        a.Tracker.Leave(session);

        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is null, "ann is offline");
    }

    [Test]
    public async Task Join_OnAnotherServer_EndsTheFirstAsReplaced()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (_, long first) = await a.JoinAsync("ann");

        (_, long second) = await b.JoinAsync("ann");

        await Eventually.Is(() => a.ToldOf("ann").SequenceEqual([PresenceChanges.Joined, PresenceChanges.Replaced]), "a was told that ann was replaced");
        Assert.That(second, Is.GreaterThan(first));
        Assert.That(a.Tracker.OnlineCount, Is.Zero);
        Assert.That((await a.Cluster.FindAsync("ann"))?.Server, Is.EqualTo("b"));
        Assert.That(b.ToldOf("ann"), Is.EqualTo([PresenceChanges.Joined]));
    }

    [Test]
    public async Task ServerDies_ClientDoesNotComeBack_IsLostOnASurvivor()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b"), c = await StartAsync("c");
        (_, long token) = await a.JoinAsync("ann");

        a.Die();

        await Eventually.Is(() => b.Told.Concat(c.Told).Any(), "a survivor was told");
        PresenceChange told = b.Told.Concat(c.Told).Single();
        Assert.That((told.Kind, told.ClientId, told.FencingToken), Is.EqualTo((PresenceChanges.ServerLost, "ann", token)));
        Assert.That(await b.Cluster.FindAsync("ann"), Is.Null);
        await Eventually.Is(async () => (await b.Cluster.ReadServersAsync()).Count == 2, "the dead server is forgotten");
    }

    [Test]
    public async Task ServerDies_ClientComesBackInItsGrace_IsNotLost()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", options => options.Grace = TimeSpan.FromSeconds(2));
        (_, long token) = await a.JoinAsync("ann");
        await a.JoinAsync("bob");
        a.Die();
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true, Server: "a" }, "ann is in her grace");

        (_, long again) = await b.JoinAsync("ann");

        Assert.That(again, Is.GreaterThan(token));
        await Eventually.Is(() => b.ToldOf("bob").Any(), "bob is lost");
        Assert.That(b.ToldOf("ann"), Is.EqualTo([PresenceChanges.Joined]));
        Assert.That(await b.Cluster.CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task DisposeAsync_WithClients_EndsThemInTheStore()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("ann");

        await a.Cluster.DisposeAsync();

        Assert.That(await b.Cluster.CountAsync(), Is.Zero);
        Assert.That((await b.Cluster.ReadServersAsync()).Select(server => server.Name), Is.EqualTo(["b"]));
    }

    private async Task<TestServer> StartAsync(string name, Action<RedisPresenceOptions>? configure = null)
    {
        TestServer server = await TestServer.StartAsync(Store, _prefix, name, configure);
        _servers.Add(server);
        return server;
    }
}
