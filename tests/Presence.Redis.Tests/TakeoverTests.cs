using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

/// <summary>Clients of servers that died or stopped.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class TakeoverTests(StoreKind kind) : ServersFixture(kind)
{
    private const PresenceChanges Gone = PresenceChanges.Left | PresenceChanges.Expired | PresenceChanges.Shutdown | PresenceChanges.ServerLost;

    [Test]
    public async Task ManyServersDieOneAfterTheOther_EachSessionIsToldLostOnce()
    {
        const int Servers = 6, Clients = 500;
        TestServer survivor = await StartAsync("survivor");
        var dying = new List<TestServer>();
        for (int i = 0; i < Servers; i++)
        {
            TestServer server = await StartAsync($"s{i}");
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => server.JoinAsync($"c{i}-{client}")));
            dying.Add(server);
        }

        foreach (TestServer server in dying)
        {
            server.Die();
            await Task.Delay(150, CancellationToken.None); // so that takeovers overlap
        }

        await Eventually.Is(async () => survivor.Told.Count >= Servers * Clients && (await survivor.Cluster.ReadServersAsync()).Count == 1, "all are lost and forgotten");
        Assert.That(survivor.Told.Select(change => change.ClientId), Is.Unique);
        Assert.That(survivor.Told.Select(change => change.Kind), Is.All.EqualTo(PresenceChanges.ServerLost));
    }

    [Test]
    public async Task KeysOfServersAreLostAlone_ClientsOfADeadServerAreStillTakenOver()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await a.JoinAsync("ann");
        await b.JoinAsync("bob");
        a.Die();
        await using ConnectionMultiplexer admin = await Store.ConnectAsync();

        await admin.GetDatabase().KeyDeleteAsync([$"{{{Prefix}}}:servers", $"{{{Prefix}}}:leases", $"{{{Prefix}}}:dead"]);

        await Eventually.Is(() => b.ToldOf("ann").Contains(PresenceChanges.ServerLost), "b has taken over");
        await Eventually.Is(async () => (await b.Cluster.ReadServersAsync()).Count == 1, "the dead are forgotten");
        Assert.That(b.ToldOf("bob"), Is.EqualTo([PresenceChanges.Joined]));
        Assert.That((await b.Cluster.FindAsync("bob"))?.IsInGrace, Is.False);
    }

    [Test]
    public async Task DisposeAsync_OthersLive_HandsClientsOver()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", options => options.Grace = TimeSpan.FromSeconds(2));
        IAsyncEnumerable<ClusterChange> changes = await b.Cluster.ReadChangesAsync(PresenceChanges.Ended | PresenceChanges.ServerLost);
        await a.JoinAsync("ann");
        (_, long bob) = await a.JoinAsync("bob");

        await a.Cluster.DisposeAsync();

        await b.JoinAsync("ann");
        Assert.That(await b.Cluster.FindAsync("bob"), Is.Not.Null, "bob has his grace");
        ClusterChange[] ended = await changes.Take(2).ToArrayAsync().AsTask().WaitAsync(TestServer.Patience);
        Assert.That(ended.Select(change => (change.ClientId, change.Kind)), Is.EqualTo([("ann", PresenceChanges.Replaced), ("bob", PresenceChanges.ServerLost)]));
        Assert.That(ended[1].FencingToken, Is.EqualTo(bob));
        await Eventually.Is(() => b.ToldOf("bob").SequenceEqual([PresenceChanges.ServerLost]), "the callback has run, once");
        await Eventually.Is(async () => (await b.Cluster.ReadServersAsync()).Count == 1, "a is forgotten");
    }

    [Test]
    public async Task DisposeAsync_LastServer_EndsItsClientsAndLeavesNothing()
    {
        TestServer a = await StartAsync("a");
        await a.JoinAsync("ann", "room");

        await a.Cluster.DisposeAsync();

        await using ConnectionMultiplexer admin = await Store.ConnectAsync();
        IDatabase database = admin.GetDatabase();
        foreach (string key in (string[])[$"{{{Prefix}}}:servers", $"{{{Prefix}}}:leases", $"{{{Prefix}}}:dead", $"{{{Prefix}:0}}:clients", $"{{{Prefix}:0}}:verdicts", $"{{{Prefix}:0}}:replaced", $"{{{Prefix}:0}}:groups", $"{{{Prefix}:0}}:members", $"{{{Prefix}:0}}:edges", $"{{{Prefix}:0}}:held"])
        {
            Assert.That(await database.KeyExistsAsync(key), Is.False, key);
        }

        Assert.That((await database.HashKeysAsync($"{{{Prefix}:0}}:epochs")).Select(field => (string?)field), Is.EquivalentTo(["seq", "n", "g"]));
    }

    [Test]
    public async Task RollingRestart_ClientsReconnectWithinTheGrace_NobodyIsToldThatAnybodyLeft()
    {
        int clients = TestScale.Of(400, 5000);
        void Options(RedisPresenceOptions options) => (options.Lease, options.Grace) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8));
        TestServer reader = await StartAsync("reader", Options);
        IAsyncEnumerable<ClusterChange> changes = await reader.Cluster.ReadChangesAsync(Gone, capacity: 100_000);
        TestServer[] servers = [await StartAsync("s0", Options), await StartAsync("s1", Options), await StartAsync("s2", Options), await StartAsync("s3", Options)];
        int[] at = [.. Enumerable.Range(0, clients).Select(client => client % 4)];
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => servers[at[client]].JoinAsync($"c{client}")));
        var random = new Random(13);
        for (int stopping = 0; stopping < 4; stopping++)
        {
            int[] moving = [.. Enumerable.Range(0, clients).Where(client => at[client] == stopping)];
            await servers[stopping].Cluster.DisposeAsync();
            servers[stopping] = await StartAsync($"s{stopping}", Options);
            await Task.WhenAll(moving.Select(async client =>
            {
                at[client] = random.Next(4); // also the new one in its place
                await Task.Delay(random.Next(2000), CancellationToken.None);
                await servers[at[client]].JoinAsync($"c{client}");
            }));
        }

        await Eventually.Is(async () => (await reader.Cluster.ReadServersAsync()).Count == 5, "the stopped are forgotten");
        Assert.That(await reader.Cluster.CountAsync(), Is.EqualTo(clients));
        await reader.Cluster.DisposeAsync();
        Assert.That(await changes.ToListAsync(), Is.Empty);
    }

    [Test]
    public async Task DisposeAsync_StoreStandsStill_ReturnsWithinTheDrainTime()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromSeconds(3), Cable, connect: options => options.AsyncTimeout = 8000);
        await a.JoinAsync("ann");
        Cable.Hold();
        a.Tracker.Join("bob");
        await Eventually.Is(() => Cable.HoldsSomething, "something waits for an answer");
        long since = TimeProvider.System.GetTimestamp();

        await a.Cluster.DisposeAsync();

        Assert.That(TimeProvider.System.GetElapsedTime(since), Is.LessThan(TimeSpan.FromSeconds(3)), "a third of the lease is a second");
        Assert.That(a.Log.Collector.GetSnapshot().Any(record => record.Id.Id == 209));
    }
}
