using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Groups;

/// <summary>Who is in which group over all servers, whatever becomes of those.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
[TestFixture(StoreKind.RedisCluster, Category = "BeyondSdk")]
public class ClusterGroupsTests(StoreKind kind) : StoreFixture(kind)
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
    public async Task Join_WithGroupsOnSeveralServers_IsInThemWhenItIsPublished()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("phone", "user:ann", "room");
        await b.JoinAsync("laptop", "user:ann");
        (_, long token) = await b.JoinAsync("bob's", "user:bob", "room");

        Assert.That(await a.Cluster.Groups.CountAsync("user:ann"), Is.EqualTo(2));
        Assert.That(await MembersAsync(a, "room"), Is.EquivalentTo(["phone", "bob's"]));
        Assert.That(await a.Cluster.Groups.ReadMembersAsync("user:bob").ToListAsync(), Is.EqualTo([new ClusterClient { ClientId = "bob's", Server = "b", FencingToken = token }]));
        Assert.That(await b.Cluster.Groups.OccupiedAsync(["user:eve", "user:bob", "user:ann", "user:"]), Is.EqualTo(["user:bob", "user:ann"]));
        Assert.That(await b.Cluster.Groups.CountAsync("user:eve"), Is.Zero);
    }

    [Test]
    public async Task EnterAndLeave_Later_AreInTheStore()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (SessionId session, long token) = await a.JoinAsync("ann");

        a.Tracker.Groups.Enter(session, "one");
        a.Tracker.Groups.Enter(session, "two");
        await BecomesAsync(b, "one", "ann");
        await BecomesAsync(b, "two", "ann");
        a.Tracker.Groups.Leave(session, "one");

        await BecomesAsync(b, "one");
        await BecomesAsync(b, "two", "ann");
        Assert.That((await b.Cluster.FindAsync("ann"))?.FencingToken, Is.EqualTo(token), "it is the same session");
        a.Tracker.Leave(session);
        await BecomesAsync(b, "two");
    }

    [Test]
    public async Task Join_OnAnotherServerOrAgain_HasTheGroupsOfTheLast()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("ann", "one", "two");
        await b.JoinAsync("ann", "two", "three");
        await BecomesAsync(a, "one");
        await BecomesAsync(a, "two", "ann");

        await b.JoinAsync("ann", "four");

        await BecomesAsync(a, "three");
        await BecomesAsync(a, "four", "ann");
        await Eventually.Is(() => a.Tracker.OnlineCount == 0, "a knows that it was replaced");
        Assert.That(await a.Cluster.Groups.OccupiedAsync(["one", "two", "three", "four"]), Is.EqualTo(["four"]));
    }

    [Test]
    public async Task ServerDies_MembersStayForTheirGrace()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", options => options.Grace = TimeSpan.FromSeconds(2));
        await a.JoinAsync("ann", "room");
        await a.JoinAsync("bob", "room", "user:bob");
        a.Die();

        await Eventually.Is(async () => await b.Cluster.Groups.ReadMembersAsync("room").AllAsync(member => member.IsInGrace), "both are claimed");
        await b.JoinAsync("ann", "room");

        Assert.That(await b.Cluster.Groups.CountAsync("room"), Is.EqualTo(2));
        await BecomesAsync(b, "room", "ann");
        Assert.That(b.ToldOf("bob"), Is.EqualTo([PresenceChanges.ServerLost]).Or.Empty);
        Assert.That(await b.Cluster.Groups.OccupiedAsync(["user:bob"]), Is.Empty);
    }

    [Test]
    public async Task ServerStops_HandsMembersOver()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (SessionId session, _) = await a.JoinAsync("ann", "room");
        a.Tracker.Groups.Enter(session, "two");
        await a.Cluster.DisposeAsync();
        Assert.That(await b.Cluster.Groups.CountAsync("two"), Is.EqualTo(1));

        await BecomesAsync(b, "room");
        Assert.That(b.ToldOf("ann"), Is.EqualTo([PresenceChanges.ServerLost]));
        await b.Cluster.DisposeAsync();
    }

    [Test]
    public async Task StartAsync_SessionsThatWereThereBefore_HaveTheirGroups()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        tracker.Join("ann", new JoinOptions { Groups = ["one"] });
        TestServer b = await StartAsync("b");
        await using StackExchange.Redis.ConnectionMultiplexer connection = await Store.ConnectAsync();
        await using var cluster = new RedisPresenceCluster(tracker, new RedisPresenceOptions { Connection = connection, KeyPrefix = _prefix, Shards = Store.Shards });

        await cluster.StartAsync();

        await BecomesAsync(b, "one", "ann");
    }

    [Test]
    public async Task Dispose_OfTheTrackerFirst_TakesItsMembersOut()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("ann", "one", "two");
        await a.JoinAsync("bob", "one");

        await a.Tracker.DisposeAsync();

        await BecomesAsync(b, "one");
        await Eventually.Is(async () => await b.Cluster.CountAsync() == 0, "all have ended");
    }

    [Test]
    public async Task ReadMembersAsync_ByPages_GivesEachOnce()
    {
        TestServer a = await StartAsync("a");
        string[] ids = [.. Enumerable.Range(0, 250).Select(i => $"c{i}")];
        await Task.WhenAll(ids.Select(id => a.JoinAsync(id, "room", $"user:{id}")));

        Assert.That(await a.Cluster.Groups.ReadMembersAsync("room", pageSize: 7).Select(member => member.ClientId).ToListAsync(), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task Arguments_ThatAreNone_Throw()
    {
        TestServer a = await StartAsync("a");
        IClusterGroups groups = a.Cluster.Groups;

        Assert.That(() => groups.CountAsync(""), Throws.ArgumentException);
        Assert.That(() => groups.OccupiedAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => groups.OccupiedAsync(["a", ""]), Throws.ArgumentException);
        Assert.That(() => groups.ReadMembersAsync(""), Throws.ArgumentException);
        Assert.That(() => groups.ReadMembersAsync("a", pageSize: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => groups.ReadMembersAsync("a", pageSize: 10_001), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(await groups.OccupiedAsync([]), Is.Empty);
    }

    private static async Task<List<string>> MembersAsync(TestServer server, string group) =>
        await server.Cluster.Groups.ReadMembersAsync(group).Select(member => member.ClientId).Order().ToListAsync();

    private static Task BecomesAsync(TestServer server, string group, params string[] members) => Eventually.Is(
        async () => (await MembersAsync(server, group)).SequenceEqual(members) && await server.Cluster.Groups.CountAsync(group) == members.Length, $"{group} has {string.Join(" and ", members)}");

    private async Task<TestServer> StartAsync(string name, Action<RedisPresenceOptions>? configure = null)
    {
        TestServer server = await TestServer.StartAsync(Store, _prefix, name, configure);
        _servers.Add(server);
        return server;
    }
}
