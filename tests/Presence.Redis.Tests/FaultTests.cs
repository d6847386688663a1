using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

/// <summary>What becomes of sessions when a server cannot reach the store, and when the store is away or forgets.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class FaultTests(StoreKind kind) : StoreFixture(kind)
{
    private readonly List<TestServer> _servers = [];
    private Cable _cable = null!;
    private string _prefix = null!;

    [SetUp]
    public void LayCable()
    {
        _prefix = $"t{Guid.NewGuid():N}"[..12];
        _cable = new Cable(Store.Configuration);
    }

    [TearDown]
    public async Task StopServers()
    {
        _cable.Mend();
        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
        _servers.Clear();
        await _cable.DisposeAsync();
    }

    [Test]
    public async Task CutOffForLongerThanTheLease_BackWithinTheGrace_SessionsLiveOn()
    {
        TestServer a = await StartAsync("a", cable: _cable), b = await StartAsync("b", options => options.Grace = TimeSpan.FromMinutes(5));
        (_, long token) = await a.JoinAsync("ann");
        _cable.Cut();
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true }, "b has claimed ann");

        _cable.Mend();

        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: false }, "ann is home");
        Assert.That(await b.Cluster.FindAsync("ann"), Is.EqualTo(new ClusterClient { ClientId = "ann", Server = "a", FencingToken = token }));
        Assert.That(a.ToldOf("ann"), Is.EqualTo([PresenceChanges.Joined]));
        Assert.That(b.Told, Is.Empty);
    }

    [Test]
    public async Task CutOffForLongerThanTheLease_ClientLoggedInElsewhere_StaysThere()
    {
        TestServer a = await StartAsync("a", cable: _cable), b = await StartAsync("b", options => options.Grace = TimeSpan.FromMinutes(5));
        await a.JoinAsync("ann");
        await a.JoinAsync("bob");
        _cable.Cut();
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true }, "b has claimed ann");
        (_, long token) = await b.JoinAsync("ann");

        _cable.Mend();

        await Eventually.Is(() => a.ToldOf("ann").SequenceEqual([PresenceChanges.Joined, PresenceChanges.Replaced]), "a has ended ann's old session");
        Assert.That(await b.Cluster.FindAsync("ann"), Is.EqualTo(new ClusterClient { ClientId = "ann", Server = "b", FencingToken = token }));
        Assert.That(b.ToldOf("ann"), Is.EqualTo([PresenceChanges.Joined]));
        Assert.That(a.ToldOf("bob"), Is.EqualTo([PresenceChanges.Joined]));
    }

    [Test]
    public async Task CutOffForLongerThanLeaseAndGrace_StillConnectedClient_JoinsWithANewToken()
    {
        TestServer a = await StartAsync("a", cable: _cable), b = await StartAsync("b");
        (_, long token) = await a.JoinAsync("ann");
        _cable.Cut();
        await Eventually.Is(() => b.ToldOf("ann").Any(), "b has given its verdict");

        _cable.Mend();

        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is not null, "ann is online again");
        ClusterClient? found = await b.Cluster.FindAsync("ann");
        Assert.That(found?.FencingToken, Is.GreaterThan(token));
        Assert.That(found?.Server, Is.EqualTo("a"));
        Assert.That(b.Told.Single().FencingToken, Is.EqualTo(token));
    }

    [Test]
    public async Task CutOff_EndsAndJoinsMeanwhile_TheLastOfEachClientCounts()
    {
        TestServer a = await StartAsync("a", cable: _cable), b = await StartAsync("b", options => options.Grace = TimeSpan.FromMinutes(5));
        (SessionId ann, _) = await a.JoinAsync("ann");
        (SessionId bob, _) = await a.JoinAsync("bob");
        await a.JoinAsync("cid");
        _cable.Cut();
        a.Tracker.Leave(ann);
        a.Tracker.Leave(bob);
        a.Tracker.Join("bob");
        a.Tracker.Join("dan");
        a.Tracker.Leave("dan");
        SessionId eve = a.Tracker.Join("eve").Session;
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true }, "b has claimed ann");

        _cable.Mend();

        await a.Cluster.WhenPublishedAsync("eve", eve).WaitAsync(TestServer.Patience);
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is null, "ann has left");
        List<ClusterClient> online = await b.Cluster.ReadClientsAsync().ToListAsync();
        Assert.That(online.Select(client => client.ClientId).Order(), Is.EqualTo(["bob", "cid", "eve"]));
        Assert.That(online.All(client => client is { Server: "a", IsInGrace: false }));
        Assert.That(b.Told, Is.Empty);
    }

    [Test]
    public async Task ShortCut_WithinTheLease_NothingHappens()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromSeconds(30), _cable), b = await StartAsync("b");
        (_, long token) = await a.JoinAsync("ann");

        _cable.Cut();
        _cable.Mend();
        (_, long bob) = await a.JoinAsync("bob");

        Assert.That(bob, Is.GreaterThan(token));
        Assert.That(await b.Cluster.FindAsync("ann"), Is.EqualTo(new ClusterClient { ClientId = "ann", Server = "a", FencingToken = token }));
        Assert.That(a.Log.Collector.GetSnapshot().Count(record => record.Id.Id == 201), Is.EqualTo(1), "epochs");
    }

    [Test]
    public async Task CutOff_WordOfAReplacementIsLost_IsFoundOnReturn()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromMinutes(1), _cable), b = await StartAsync("b");
        await a.JoinAsync("ann");
        _cable.Cut();
        await b.JoinAsync("ann");

        _cable.Mend();

        await Eventually.Is(() => a.ToldOf("ann").SequenceEqual([PresenceChanges.Joined, PresenceChanges.Replaced]), "a has ended ann's old session");
        Assert.That((await b.Cluster.FindAsync("ann"))?.Server, Is.EqualTo("b"));
    }

    [Test]
    public async Task ReadChangesAsync_ConnectionIsCut_EndsTheStreamAndStartsNoneUntilItIsMended()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromMinutes(1), _cable), b = await StartAsync("b");
        IAsyncEnumerable<ClusterChange> changes = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined);

        _cable.Cut();

        await Assert.ThatAsync(async () => await changes.CountAsync().AsTask().WaitAsync(TestServer.Patience), Throws.InstanceOf<ChangesLostException>().With.Message.Contains("connection"));
        await Assert.ThatAsync(() => a.Cluster.ReadChangesAsync(PresenceChanges.Joined), Throws.InstanceOf<RedisException>().Or.InstanceOf<TimeoutException>());
        _cable.Mend();
        int joined = 0;
        await Eventually.Is(async () => await ReadsAsync($"client-{joined++}"), "a reads changes again");

        // As a host does: whatever ends the stream, it starts anew.
        async Task<bool> ReadsAsync(string clientId)
        {
            try
            {
                IAsyncEnumerable<ClusterChange> again = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined);
                await b.JoinAsync(clientId);
                return (await again.FirstAsync().AsTask().WaitAsync(TestServer.Patience)).ClientId == clientId;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or ChangesLostException)
            {
                return false;
            }
        }
    }

    [Test]
    public async Task StoreIsEmptied_EveryServerPublishesItsOwnAgain()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (_, long ann) = await a.JoinAsync("ann");
        await b.JoinAsync("bob");

        await using (ConnectionMultiplexer admin = await Store.ConnectAsync())
        {
            await admin.GetServers().Single().FlushAllDatabasesAsync();
        }

        await Eventually.Is(async () => await a.Cluster.CountAsync() == 2, "both are back");
        Assert.That((await b.Cluster.FindAsync("ann"))?.Server, Is.EqualTo("a"));
        Assert.That((await b.Cluster.FindAsync("ann"))?.FencingToken, Is.GreaterThanOrEqualTo(ann));
        Assert.That(a.Told.Concat(b.Told).Select(change => change.Kind), Is.All.EqualTo(PresenceChanges.Joined));
    }

    [Test]
    public async Task StoreForgetsItsScripts_NobodyNotices()
    {
        TestServer a = await StartAsync("a");
        await a.JoinAsync("ann");

        await using (ConnectionMultiplexer admin = await Store.ConnectAsync())
        {
            await admin.GetServers().Single().ScriptFlushAsync();
        }

        await a.JoinAsync("bob");
        Assert.That(await a.Cluster.CountAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task StartAsync_StoreIsAway_TrackerWorksAndIsPublishedLater()
    {
        _cable.Cut();
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        await using var cluster = new RedisPresenceCluster(tracker, new RedisPresenceOptions { Configuration = ConfigurationOptions.Parse(_cable.EndPoint), KeyPrefix = _prefix });
        await cluster.StartAsync();
        SessionId session = tracker.Join("ann").Session;
        Assert.That(tracker.Heartbeat(session));
        await Assert.ThatAsync(() => cluster.CountAsync(), Throws.InstanceOf<RedisException>().Or.InstanceOf<TimeoutException>());

        _cable.Mend();

        Assert.That(await cluster.WhenPublishedAsync("ann", session).WaitAsync(TestServer.Patience), Is.Not.Null);
    }

    private async Task<TestServer> StartAsync(string name, Action<RedisPresenceOptions>? configure = null, Cable? cable = null)
    {
        TestServer server = await TestServer.StartAsync(Store, _prefix, name, configure, cable);
        _servers.Add(server);
        return server;
    }
}
