using System.Globalization;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
[TestFixture(StoreKind.RedisCluster, Category = "BeyondSdk")]
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
    public async Task HeartbeatAsync_OfClientsOfAnotherServer_ArrivesThere()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        string[] ids = [.. Enumerable.Range(0, 20).Select(i => $"client-{i}")]; // on all shards
        await Task.WhenAll(ids.Select(id => a.JoinAsync(id)));
        a.Ticks.Advance();

        Assert.That(await Task.WhenAll(ids.Select(id => b.Cluster.HeartbeatAsync(id))), Is.All.True);

        await Eventually.Is(() => a.Tracker.Snapshot().All(client => client.Count == 0), "all have come");
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
    public async Task DisposeAsync_WithoutHandOver_EndsClientsInTheStore()
    {
        TestServer a = await StartAsync("a", options => options.HandOver = false), b = await StartAsync("b");
        await a.JoinAsync("ann");

        await a.Cluster.DisposeAsync();

        Assert.That(await b.Cluster.CountAsync(), Is.Zero);
        Assert.That((await b.Cluster.ReadServersAsync()).Select(server => server.Name), Is.EqualTo(["b"]));
    }

    [Test]
    public async Task Expiry_OnItsServer_IsOnlineNowhere()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("ann");

        a.Ticks.Advance(6);

        await Eventually.Is(async () => await b.Cluster.CountAsync() == 0, "ann has expired");
        await a.Tracker.WhenCallbacksDoneAsync();
        Assert.That(a.ToldOf("ann").Last(), Is.EqualTo(PresenceChanges.Expired));
    }

    [Test]
    public async Task Expiry_AfterTheClientJoinedElsewhere_TouchesNothing()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (SessionId session, _) = await a.JoinAsync("ann");
        (_, long token) = await b.JoinAsync("ann");

        a.Tracker.Leave(session);
        a.Ticks.Advance(10);
        await a.JoinAsync("bob"); // was published after whatever became of ann

        Assert.That(await b.Cluster.FindAsync("ann"), Is.EqualTo(new ClusterClient { ClientId = "ann", Server = "b", FencingToken = token }));
        Assert.That(b.Tracker.OnlineCount, Is.EqualTo(1));
    }

    [Test]
    public async Task Join_FromServerToServer_TokensGrowAndTheLastStays()
    {
        TestServer[] servers = [await StartAsync("a"), await StartAsync("b"), await StartAsync("c")];
        long last = 0;
        for (int i = 0; i < 60; i++)
        {
            (_, long token) = await servers[i % 3].JoinAsync("ann");
            Assert.That(token, Is.GreaterThan(last));
            last = token;
        }

        await Eventually.Is(() => servers.Sum(server => server.Tracker.OnlineCount) == 1, "only one server has ann");
        Assert.That(servers[59 % 3].Tracker.OnlineCount, Is.EqualTo(1));
        Assert.That((await servers[0].Cluster.FindAsync("ann"))?.FencingToken, Is.EqualTo(last));
    }

    [Test]
    public async Task WhenPublishedAsync_SessionThatIsOver_IsNull()
    {
        TestServer a = await StartAsync("a");
        (SessionId session, _) = await a.JoinAsync("ann");
        a.Tracker.Leave(session);

        Assert.That(await a.Cluster.WhenPublishedAsync("ann", session).WaitAsync(TestServer.Patience), Is.Null);
        Assert.That(await a.Cluster.WhenPublishedAsync("nobody", session).WaitAsync(TestServer.Patience), Is.Null);
    }

    [Test]
    public async Task StartAsync_TrackerWithClients_PublishesThem()
    {
        TestServer a = await StartAsync("a");
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        SessionId session = tracker.Join("early").Session;
        await using var late = new RedisPresenceCluster(
            tracker, new RedisPresenceOptions { Configuration = ConfigurationOptions.Parse(Store.Configuration), KeyPrefix = _prefix, ServerName = "late", Shards = Store.Shards });

        await late.StartAsync();

        Assert.That(await late.WhenPublishedAsync("early", session).WaitAsync(TestServer.Patience), Is.Not.Null);
        Assert.That((await a.Cluster.FindAsync("early"))?.Server, Is.EqualTo("late"));
    }

    [Test]
    public async Task ReadClientsAsync_ManyClientsOnManyServers_HasEachOfThem()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => (i % 3 == 0 ? a : b).JoinAsync($"client-{i}")));

        var read = new Dictionary<string, string>();
        await foreach (ClusterClient client in a.Cluster.ReadClientsAsync(pageSize: 100))
        {
            read[client.ClientId] = client.Server;
        }

        Assert.That(read, Has.Count.EqualTo(3000));
        Assert.That(read.All(entry => entry.Value == (int.Parse(entry.Key[7..], CultureInfo.InvariantCulture) % 3 == 0 ? "a" : "b")));
        Assert.That(await b.Cluster.CountAsync(), Is.EqualTo(3000));
    }

    [TestCase("gr\u00fc\u00df dich \U0001F642")]
    [TestCase("a b\nc\0d")]
    [TestCase("half of a pair \ud83d")]
    [TestCase("\udc00\ud800")]
    public async Task FindAsync_UnusualClientId_FindsIt(string clientId)
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        IAsyncEnumerable<ClusterChange> changes = await b.Cluster.ReadChangesAsync(PresenceChanges.Joined);

        await a.JoinAsync(clientId);

        Assert.That((await b.Cluster.FindAsync(clientId))?.ClientId, Is.EqualTo(clientId));
        Assert.That((await changes.FirstAsync()).ClientId, Is.EqualTo(clientId));
        Assert.That((await b.Cluster.ReadClientsAsync().FirstAsync()).ClientId, Is.EqualTo(clientId));
    }

    [Test]
    public async Task ReadChangesAsync_LifeOfAClient_TellsItInOrder()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b"), reader = await StartAsync("reader");
        IAsyncEnumerable<ClusterChange> changes = await reader.Cluster.ReadChangesAsync(PresenceChanges.Joined | PresenceChanges.Ended | PresenceChanges.ServerLost);

        (_, long first) = await a.JoinAsync("ann");
        (SessionId session, long second) = await b.JoinAsync("ann");
        b.Tracker.Leave(session);
        await Eventually.Is(async () => await b.Cluster.CountAsync() == 0, "ann has left");
        (_, long third) = await a.JoinAsync("ann");
        a.Die();

        Assert.That(await changes.Take(6).ToListAsync().AsTask().WaitAsync(TestServer.Patience), Is.EqualTo((ClusterChange[])
        [
            Change(PresenceChanges.Joined, "a", first),
            Change(PresenceChanges.Replaced, "a", first),
            Change(PresenceChanges.Joined, "b", second),
            Change(PresenceChanges.Left, "b", second),
            Change(PresenceChanges.Joined, "a", third),
            Change(PresenceChanges.ServerLost, "a", third),
        ]));

        static ClusterChange Change(PresenceChanges kind, string server, long token) => new() { Kind = kind, ClientId = "ann", Server = server, FencingToken = token };
    }

    [Test]
    public async Task ReadChangesAsync_ReaderThatFallsBehind_IsTold()
    {
        TestServer a = await StartAsync("a");
        IAsyncEnumerable<ClusterChange> changes = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined, capacity: 3);
        IAsyncEnumerable<ClusterChange> all = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => a.JoinAsync($"client-{i}")));
        await all.Take(10).CountAsync().AsTask().WaitAsync(TestServer.Patience);

        var read = new List<ClusterChange>();
        await Assert.ThrowsAsync<ChangesLostException>(async () =>
        {
            await foreach (ClusterChange change in changes)
            {
                read.Add(change);
            }
        });
        Assert.That(read, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task ClaimerDiesMidway_AnotherEndsWhatItHadClaimed()
    {
        TestServer a = await StartAsync("a");
        TestServer b = await StartAsync("b", options => options.Grace = TimeSpan.FromHours(1)); // so that it has claimed and not judged
        await Task.WhenAll(Enumerable.Range(0, 700).Select(i => a.JoinAsync($"client-{i}")));
        a.Die();
        await Eventually.Is(async () => await b.Cluster.FindAsync("client-1") is { IsInGrace: true }, "b has claimed");

        TestServer c = await StartAsync("c");
        b.Die();

        await Eventually.Is(() => c.Told.Count >= 700, "c was told of all");
        Assert.That(c.Told.Select(change => change.ClientId).Distinct().Count(), Is.EqualTo(700));
        Assert.That(c.Told.Count, Is.EqualTo(700));
        Assert.That(await c.Cluster.CountAsync(), Is.Zero);
        await Eventually.Is(async () => (await c.Cluster.ReadServersAsync()).Count == 1, "the dead are forgotten");
    }

    [Test]
    public async Task ClaimerDiesBeforeItsCallbackReturned_AnotherRunsTheCallback()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        var hangs = new TaskCompletionSource();
        using IDisposable hanging = b.Tracker.OnClientExpired(_ => new ValueTask(hangs.Task));
        (_, long token) = await a.JoinAsync("ann");
        a.Die();
        await Eventually.Is(() => !b.Told.IsEmpty, "b has given its verdict");

        TestServer c = await StartAsync("c");
        await c.JoinAsync("ann"); // in between; the old session's callback still runs
        b.Die();

        await Eventually.Is(() => c.ToldOf("ann").Contains(PresenceChanges.ServerLost), "c ran the callback");
        Assert.That(c.Told.Single(change => change.Kind == PresenceChanges.ServerLost).FencingToken, Is.EqualTo(token));
        Assert.That(c.Tracker.OnlineCount, Is.EqualTo(1));
        hangs.SetResult();
    }

    [Test]
    public async Task WhenRegisteredAsync_OtherNumberOfShards_SaysWhatToDo()
    {
        await StartAsync("a");

        InvalidOperationException? exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("b", options => options.Shards = Store.Shards + 1));

        Assert.That(exception!.Message, Does.Contain($"{Store.Shards} shards").And.Contain($"{Store.Shards + 1}").And.Contain("KeyPrefix"));
    }

    private async Task<TestServer> StartAsync(string name, Action<RedisPresenceOptions>? configure = null)
    {
        TestServer server = await TestServer.StartAsync(Store, _prefix, name, configure);
        _servers.Add(server);
        return server;
    }
}
