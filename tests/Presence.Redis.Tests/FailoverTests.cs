using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

/// <summary>The store fails over to a replica, with a connection that knows both.</summary>
[TestFixture]
[Category("BeyondSdk")]
public class FailoverTests
{
    private ReplicatedStore _store = null!;
    private TestServer _a = null!, _b = null!; // null in the teardown, like the store, if there is no redis-server

    [SetUp]
    public async Task StartAsync()
    {
        RedisProcess.RequireInstalled();
        _store = await ReplicatedStore.StartAsync();
        _a = await TestServer.StartAsync(_store, "failover", "a");
        _b = await TestServer.StartAsync(_store, "failover", "b");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await (_a?.DisposeAsync() ?? default);
        await (_b?.DisposeAsync() ?? default);
        await (_store?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task PrimaryDies_ReplicaLackedAJoin_ItIsPublishedAgain()
    {
        await _store.CutReplicaOffAsync();
        await _a.JoinAsync("ann");

        await _store.KillPrimaryAsync();
        await _store.PromoteAsync();

        await Eventually.Is(async () => await _b.TryFindAsync("ann") is { Server: "a" }, "the new primary knows ann");
        Assert.That(_a.ToldOf("ann"), Is.EqualTo([PresenceChanges.Joined]));
    }

    [Test]
    public async Task PrimaryDies_ReplicaLackedALeave_ItIsPublishedAgain()
    {
        (SessionId session, _) = await _a.JoinAsync("ann");
        await _store.CutReplicaOffAsync();
        _a.Tracker.Leave(session);
        await Eventually.Is(async () => await _b.TryFindAsync("ann") is null, "ann has left");

        await _store.KillPrimaryAsync();
        await _store.PromoteAsync();

        await Eventually.Is(async () => (await _b.Cluster.ReadServersAsync()).Count == 2 && await _b.TryFindAsync("ann") is null, "the new primary knows that ann has left");
    }

    [Test]
    public async Task PrimaryAndReplicaChangePlaces_JoinsAreStillPublished()
    {
        await _a.JoinAsync("ann");

        await _store.SwitchOverAsync();
        (_, long token) = await _a.JoinAsync("bob");

        Assert.That(await _b.TryFindAsync("bob"), Is.EqualTo(new ClusterClient { ClientId = "bob", Server = "a", FencingToken = token }));
    }
}
