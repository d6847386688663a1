using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Groups;

/// <summary>When a group becomes occupied and vacated over all servers, and who is told.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ClusterEdgeTests(StoreKind kind) : ServersFixture(kind)
{
    private const PresenceChanges Edges = PresenceChanges.Occupied | PresenceChanges.Vacated;

    [Test]
    public async Task UserOfThreeDevicesOnTwoServers_IsToldOnceOnlineAndOnceOffline()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        IAsyncEnumerable<ClusterChange> changes = await b.Cluster.ReadChangesAsync(Edges);
        (SessionId phone, _) = await a.JoinAsync("phone", "user:ann");
        (SessionId laptop, _) = await b.JoinAsync("laptop", "user:ann");
        (SessionId tv, _) = await b.JoinAsync("tv", "user:ann");

        a.Tracker.Leave(phone);
        b.Tracker.Leave(tv);
        await Eventually.Is(async () => await a.Cluster.Groups.CountAsync("user:ann") == 1, "one is left");
        Assert.That(ToldBy(a, b), Is.EqualTo([PresenceChanges.Occupied]));
        b.Tracker.Leave(laptop);

        await Eventually.Is(() => ToldBy(a, b).SequenceEqual([PresenceChanges.Occupied, PresenceChanges.Vacated]), "both edges are told, once");
        Assert.That(EdgeList.WrongIn(a.Edges.Concat(b.Edges), []), Is.Empty);
        ClusterChange[] read = await changes.Take(2).ToArrayAsync().AsTask().WaitAsync(TestServer.Patience);
        Assert.That(read.Select(change => (change.Kind, change.Group, change.ClientId, change.Server)), Is.EqualTo([(PresenceChanges.Occupied, "user:ann", "", "a"), (PresenceChanges.Vacated, "user:ann", "", "b")]));
        Assert.That(read.Select(change => change.FencingToken), Is.EqualTo(a.Edges.Concat(b.Edges).Select(edge => edge.Number).Order()));
    }

    [Test]
    public async Task LastServerOfAUserDies_VacatedComesAfterTheGrace()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("phone", "user:ann", "room");
        await b.JoinAsync("bob", "room");

        a.Die();

        await Eventually.Is(async () => await b.Cluster.FindAsync("phone") is { IsInGrace: true }, "b has claimed it");
        Assert.That(b.Edges, Is.Empty);
        await Eventually.Is(() => !b.Edges.IsEmpty, "the user is told gone");
        Assert.That(b.Edges.Select(edge => (edge.Kind, edge.Group)), Is.EqualTo([(PresenceChanges.Vacated, "user:ann")]));
        Assert.That(EdgeList.WrongIn(a.Edges.Concat(b.Edges), ["room"]), Is.Empty);
    }

    [Test]
    public async Task ServerDiesInACallback_AnotherRunsItWithTheSameNumber()
    {
        TestServer a = await StartAsync("a");
        var called = new TaskCompletionSource<ClusterGroupChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        using IDisposable registration = a.Cluster.Groups.OnChange(async change =>
        {
            called.TrySetResult(change);
            await never.Task;
        });
        TestServer b = await StartAsync("b");
        await a.JoinAsync("phone", "user:ann");
        ClusterGroupChange occupied = await called.Task.WaitAsync(TestServer.Patience);

        a.Die();

        await Eventually.Is(() => b.Edges.Count >= 2, "b has run both");
        Assert.That(b.Edges.Distinct().OrderBy(edge => edge.Number).First(), Is.EqualTo(occupied));
        Assert.That(EdgeList.WrongIn(b.Edges, []), Is.Empty);
        never.SetResult();
    }

    [Test]
    public async Task AnswerIsLost_TheCallbackRunsAllTheSame()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromSeconds(3), Cable, options => options.AsyncTimeout = 500);
        await a.JoinAsync("warm", "up");
        Cable.Hold(); // what is sent is done when it is let go, and its connection is gone by then
        a.Tracker.Join("phone", new JoinOptions { Groups = ["user:ann"] });
        await Eventually.Is(() => Cable.HoldsSomething, "the join is under way");
        Cable.LoseHeld();
        await Cable.DeliverLateAsync();

        await Eventually.Is(() => a.Edges.Any(edge => edge.Group == "user:ann"), "it is told");
        Assert.That(EdgeList.WrongIn(a.Edges, ["up", "user:ann"]), Is.Empty);
    }

    [Test]
    public async Task Callback_ThatThrows_IsLoggedAndSettled()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        using IDisposable registration = a.Cluster.Groups.OnChange(_ => throw new InvalidOperationException("a test"));

        await a.JoinAsync("phone", "user:ann");

        await Eventually.Is(() => a.Log.Collector.GetSnapshot().Any(record => record.Id.Id == 219), "it is logged");
        Assert.That(a.Edges, Has.Count.EqualTo(1), "the other callback has run");
        await using StackExchange.Redis.ConnectionMultiplexer admin = await Store.ConnectAsync();
        await Eventually.Is(async () => !await admin.GetDatabase().KeyExistsAsync($"{{{Prefix}:0}}:edges"), "it is settled");
        a.Die();
        await Eventually.Is(() => !b.Edges.IsEmpty, "the user is told gone");
        Assert.That(b.Edges.Select(edge => edge.Kind), Is.EqualTo([PresenceChanges.Vacated]), "b runs nothing again");
    }

    [Test]
    public async Task ServerStops_ItsOwedEdgesAndMembersGoToAnother()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("phone", "user:ann");
        await a.JoinAsync("bob's", "user:bob");
        await a.Cluster.DisposeAsync();
        await b.JoinAsync("phone", "user:ann");

        await Eventually.Is(() => !b.Edges.IsEmpty, "bob is told gone");

        Assert.That(b.Edges.Select(edge => (edge.Kind, edge.Group)), Is.EqualTo([(PresenceChanges.Vacated, "user:bob")]));
        Assert.That(EdgeList.WrongIn(a.Edges.Concat(b.Edges), ["user:ann"]), Is.Empty);
    }

    [Test]
    public async Task ServerStopsWhileACallbackHangs_AnotherRunsIt()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        var never = new TaskCompletionSource();
        var called = new TaskCompletionSource();
        using IDisposable registration = a.Cluster.Groups.OnChange(async _ =>
        {
            called.TrySetResult();
            await never.Task;
        });
        a.Tracker.Join("phone", new JoinOptions { Groups = ["user:ann"] });
        await called.Task.WaitAsync(TestServer.Patience);

        await a.Cluster.DisposeAsync();

        await Eventually.Is(() => b.Edges.Count >= 2, "b has run both");
        Assert.That(a.Log.Collector.GetSnapshot().Select(record => record.Id.Id), Has.Some.EqualTo(224));
        Assert.That(EdgeList.WrongIn(b.Edges, []), Is.Empty);
        never.SetResult();
    }

    [Test]
    public async Task SeveralShards_HaveNoEdges()
    {
        TestServer a = await StartAsync("a", options => options.Shards = 4);
        await a.JoinAsync("ann", "room");
        await a.JoinAsync("bob", "room");

        Assert.That(() => a.Cluster.Groups.OnChange(_ => default), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("Shards"));
        Assert.That(() => a.Cluster.ReadChangesAsync(PresenceChanges.Vacated), Throws.InstanceOf<NotSupportedException>());
        Assert.That(await a.Cluster.Groups.CountAsync("room"), Is.EqualTo(2));
        Assert.That(() => a.Cluster.Groups.OnChange(null!), Throws.ArgumentNullException);
    }

    private static IEnumerable<PresenceChanges> ToldBy(params TestServer[] servers) => servers.SelectMany(server => server.Edges).OrderBy(edge => edge.Number).Select(edge => edge.Kind);
}
