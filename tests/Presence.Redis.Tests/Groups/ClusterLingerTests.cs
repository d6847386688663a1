using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Groups;

/// <summary>A group that lingers on one server is occupied over all of them.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ClusterLingerTests(StoreKind kind) : ServersFixture(kind)
{
    [Test]
    public async Task Group_ByTheTicksOfTheServer_IsToldVacatedAfterIt()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        SessionId session = await JoinToLingerAsync(a, "phone", "user:ann");
        a.Tracker.Leave(session);
        await Eventually.Is(async () => await b.Cluster.Groups.CountAsync("user:ann") == 0, "it has left");
        a.Ticks.Advance(2);
        Assert.That(await b.Cluster.Groups.OccupiedAsync(["user:ann"]), Is.EqualTo(["user:ann"]));
        await b.JoinAsync("other", "other"); // was told after whatever became of the group
        Assert.That(a.Edges.Select(edge => edge.Kind), Is.EqualTo([PresenceChanges.Occupied]));

        a.Ticks.Advance(1);

        await Eventually.Is(() => a.Edges.Count == 2, "it is told vacated");
        Assert.That(await b.Cluster.Groups.OccupiedAsync(["user:ann"]), Is.Empty);
        Assert.That(EdgeList.WrongIn(a.Edges.Concat(b.Edges), ["other"]), Is.Empty);
    }

    [Test]
    public async Task Group_ComesBackOnAnotherServer_TellsNothing()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        SessionId session = await JoinToLingerAsync(a, "tab1", "user:ann");
        a.Tracker.Leave(session);
        await Eventually.Is(async () => await b.Cluster.Groups.CountAsync("user:ann") == 0, "it has left");

        (SessionId back, _) = await b.JoinAsync("tab2", "user:ann");
        a.Ticks.Advance(3);
        await a.JoinAsync("warm"); // was published after that
        Assert.That(a.Edges.Concat(b.Edges).Select(edge => edge.Kind), Is.EqualTo([PresenceChanges.Occupied]));
        b.Tracker.Leave(back);

        await Eventually.Is(() => !b.Edges.IsEmpty, "it is told vacated");
        Assert.That(EdgeList.WrongIn(a.Edges.Concat(b.Edges), []), Is.Empty);
    }

    [Test]
    public async Task Group_ServerDiesMeanwhile_IsToldVacatedAfterTheGrace()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        SessionId session = await JoinToLingerAsync(a, "phone", "user:ann");
        a.Tracker.Leave(session);
        await Eventually.Is(async () => await b.Cluster.Groups.CountAsync("user:ann") == 0, "it has left");

        a.Die();

        await Eventually.Is(() => !b.Edges.IsEmpty, "it is told vacated");
        Assert.That(EdgeList.WrongIn(a.Edges.Concat(b.Edges), []), Is.Empty);
        await Eventually.Is(async () => (await b.Cluster.ReadServersAsync()).Count == 1, "a is forgotten");
    }

    [Test]
    public async Task Group_ServerStopsMeanwhile_IsHandedOver()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", options => options.Grace = TimeSpan.FromMinutes(1));
        SessionId session = await JoinToLingerAsync(a, "phone", "user:ann");
        a.Tracker.Leave(session);
        await Eventually.Is(async () => await b.Cluster.Groups.CountAsync("user:ann") == 0, "it has left");

        await a.Cluster.DisposeAsync();

        Assert.That(await b.Cluster.Groups.OccupiedAsync(["user:ann"]), Is.EqualTo(["user:ann"]));
        await b.JoinAsync("laptop", "user:ann");
        Assert.That(a.Edges.Concat(b.Edges).Select(edge => edge.Kind), Is.EqualTo([PresenceChanges.Occupied]));
    }

    [Test]
    public async Task Group_LastServerStops_LeavesNothing()
    {
        TestServer a = await StartAsync("a");
        SessionId session = await JoinToLingerAsync(a, "phone", "user:ann");
        await JoinToLingerAsync(a, "tv", "user:tv");
        a.Tracker.Leave(session);
        await Eventually.Is(async () => await a.Cluster.Groups.CountAsync("user:ann") == 0, "it has left");

        await a.Cluster.DisposeAsync();

        Assert.That(EdgeList.WrongIn(a.Edges, []), Is.Empty);
        await using StackExchange.Redis.ConnectionMultiplexer admin = await Store.ConnectAsync();
        foreach (string key in (string[])["groups", "members", "edges", "held"])
        {
            Assert.That(await admin.GetDatabase().KeyExistsAsync($"{{{Prefix}:0}}:{key}"), Is.False, key);
        }
    }

    [Test]
    public async Task Group_LeaseIsLostMeanwhile_IsToldVacatedInTheEnd()
    {
        TestServer a = await StartAsync("a", cable: Cable);
        SessionId session = await JoinToLingerAsync(a, "phone", "user:ann");
        a.Tracker.Leave(session);
        await Eventually.Is(async () => await a.Cluster.Groups.CountAsync("user:ann") == 0, "it has left");
        await using StackExchange.Redis.ConnectionMultiplexer admin = await Store.ConnectAsync();
        await admin.GetDatabase().KeyDeleteAsync($"{{{Prefix}}}:servers"); // so that it takes another epoch, and its old one is its own to clear up
        await Eventually.Is(() => a.Log.Collector.GetSnapshot().Count(record => record.Id.Id == 201) == 2, "it has another epoch");
        Assert.That(a.Edges, Has.Count.EqualTo(1));

        a.Ticks.Advance(3);

        await Eventually.Is(() => a.Edges.Count == 2, "it is told vacated");
        Assert.That(EdgeList.WrongIn(a.Edges, []), Is.Empty);
    }

    /// <summary>Joins a client whose group lingers for 3 ticks.</summary>
    private static async Task<SessionId> JoinToLingerAsync(TestServer server, string clientId, string group)
    {
        SessionId session = server.Tracker.Join(clientId, new JoinOptions { Groups = [group], Linger = 3, ExpireAfter = 1000 }).Session;
        Assert.That(await server.Cluster.WhenPublishedAsync(clientId, session).WaitAsync(TestServer.Patience), Is.Positive);
        return session;
    }
}
