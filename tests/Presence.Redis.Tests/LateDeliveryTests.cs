using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

/// <summary>What was sent on a connection that broke comes to the store when all is over.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class LateDeliveryTests(StoreKind kind) : ServersFixture(kind)
{
    [Test]
    public async Task JoinDeliveredAfterItsClientHasLeft_MakesNoGhost()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromMinutes(1), Cable);
        await a.JoinAsync("bob"); // so that the script is known
        Cable.Hold();
        SessionId ann = a.Tracker.Join("ann").Session;
        await Eventually.Is(() => Cable.HoldsSomething, "the join is under way");
        Cable.LoseHeld();
        Assert.That(await a.Cluster.WhenPublishedAsync("ann", ann).WaitAsync(TestServer.Patience), Is.Positive, "it was repeated");
        a.Tracker.Leave(ann);
        await Eventually.Is(async () => await a.TryFindAsync("ann") is null, "ann has left");

        await Cable.DeliverLateAsync();

        Assert.That(await a.Cluster.FindAsync("ann"), Is.Null);
        Assert.That(await a.Cluster.CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task EpochOpenedAndJoinDeliveredAfterItWasClaimed_MakesNoGhost()
    {
        TestServer b = await StartAsync("b");
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        await using StackExchange.Redis.ConnectionMultiplexer connection = await Store.ConnectAsync(Cable.EndPoint);
        await using var cluster = new RedisPresenceCluster(
            tracker, new RedisPresenceOptions { Connection = connection, KeyPrefix = Prefix, Lease = TimeSpan.FromSeconds(1.5), ServerName = "a" });
        Cable.Hold();
        await cluster.StartAsync();
        await Eventually.Is(() => Cable.HoldsSomething, "it registers");
        Cable.LoseHeld();
        await cluster.WhenRegisteredAsync().WaitAsync(TestServer.Patience);

        await Cable.DeliverLateAsync();

        await Eventually.Is(async () => (await b.Cluster.ReadServersAsync()).Count == 2, "what was registered late is forgotten");
        Assert.That(await b.Cluster.CountAsync(), Is.Zero);
    }
}
