using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Heartbeats;

/// <summary>Heartbeats that a load balancer brings to servers which don't hold the client.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ForwardedHeartbeatTests(StoreKind kind) : ServersFixture(kind)
{
    [Test]
    public async Task HeartbeatAsync_OnAnotherServer_KeepsTheClientOnline()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", SendAtOnce);
        await a.JoinAsync("ann \ud83d");

        for (int tick = 0; tick < 20; tick++)
        {
            a.Ticks.Advance();
            Assert.That(await b.Cluster.HeartbeatAsync("ann \ud83d"));
            await Eventually.Is(() => a.Tracker.TryGetClient("ann \ud83d", out ClientStatus status) && status.Count == 0, "it has come");
        }

        a.Ticks.Advance(6);
        Assert.That(a.Tracker.TryGetClient("ann \ud83d", out _), Is.False);
    }

    [Test]
    public async Task HeartbeatAsync_OnTheServerThatHoldsIt_CountsAtOnceAndWithoutTheStore()
    {
        TestServer a = await StartAsync("a", cable: Cable);
        await a.JoinAsync("ann");
        Cable.Cut();
        a.Ticks.Advance();

        Task<bool> beat = a.Cluster.HeartbeatAsync("ann");

        Assert.That(beat.IsCompletedSuccessfully && beat.Result);
        Assert.That(a.Tracker.TryGetClient("ann", out ClientStatus status) && status.Count == 0);
    }

    [Test]
    public async Task HeartbeatAsync_NobodyHoldsIt_IsFalse()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", options =>
        {
            SendAtOnce(options);
            options.Grace = TimeSpan.FromMinutes(1);
        });
        await a.JoinAsync("ann");
        a.Die();
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true }, "ann is in her grace");

        Assert.That(await b.Cluster.HeartbeatAsync("ann"), Is.False);
        Assert.That(await b.Cluster.HeartbeatAsync("nobody"), Is.False);
    }

    [Test]
    public async Task HeartbeatAsync_ForManyClientsInOneInterval_IsAMessageForEachServer()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b"), c = await StartAsync("c", options => options.ForwardInterval = TimeSpan.FromMilliseconds(200));
        string[] ids = [.. Enumerable.Range(0, 400).Select(i => $"client-{i}")];
        await Task.WhenAll(ids.Select((id, i) => (i % 2 == 0 ? a : b).JoinAsync(id)));
        a.Ticks.Advance();
        b.Ticks.Advance();

        bool[] held = await Task.WhenAll(ids.Select(id => c.Cluster.HeartbeatAsync(id)));

        Assert.That(held, Is.All.True);
        await Eventually.Is(() => a.Tracker.Snapshot().Concat(b.Tracker.Snapshot()).Count(client => client.Count == 0) == ids.Length, "all have come");
    }

    private static void SendAtOnce(RedisPresenceOptions options) => options.ForwardInterval = TimeSpan.Zero;
}
