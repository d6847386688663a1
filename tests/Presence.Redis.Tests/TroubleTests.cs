using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

/// <summary>What fails lastingly is told, and nothing ends with it.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class TroubleTests(StoreKind kind) : ServersFixture(kind)
{
    [Test]
    public async Task Publishing_IsRefused_IsToldOnceAndWhenItIsOver()
    {
        TestServer a = await StartAsync("a");
        await a.JoinAsync("ann");
        Assert.That(a.Cluster.Health, Is.EqualTo(new ClusterHealth { IsHealthy = true }));
        await using ConnectionMultiplexer admin = await Store.ConnectAsync();
        RedisKey clients = $"{{{Prefix}:0}}:clients";
        await admin.GetDatabase().KeyDeleteAsync(clients);
        await admin.GetDatabase().StringSetAsync(clients, "another type");
        SessionId bob = a.Tracker.Join("bob").Session;
        await Eventually.Is(() => Logged(a, 215).Any(), "a has told");
        await Eventually.Is(() => Logged(a, 207).Count() > 3, "a has tried again");
        Assert.That(Logged(a, 215).Count(), Is.EqualTo(1));
        Assert.That(Logged(a, 215).Single().Message, Does.Contain("publishing in shard 0"));
        Assert.That(a.Cluster.Health.IsHealthy, Is.False);
        Assert.That(a.Cluster.Health.Reason, Does.Contain("publishing in shard 0"));

        await admin.GetDatabase().KeyDeleteAsync(clients);

        Assert.That(await a.Cluster.WhenPublishedAsync("bob", bob).WaitAsync(TestServer.Patience), Is.Positive);
        await Eventually.Is(() => Logged(a, 216).Count() == 1, "a has told that it is over");
        Assert.That(a.Cluster.Health.IsHealthy);
    }

    [Test]
    public async Task Membership_CommandsAreNotAvailable_GoesOnAndSaysSo()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        var log = new FakeLogger<RedisPresenceCluster>();
        await using ConnectionMultiplexer connection = await Store.ConnectAsync(configure: options => options.CommandMap = CommandMap.Create(["EVAL", "EVALSHA", "SCRIPT"], available: false));
        await using var cluster = new RedisPresenceCluster(tracker, new RedisPresenceOptions { Connection = connection, KeyPrefix = Prefix, Lease = RedisPresenceOptions.MinLease }, logger: log);

        await cluster.StartAsync();

        await Eventually.Is(() => log.Collector.GetSnapshot().Any(record => record.Id.Id == 215 && record.Level == LogLevel.Warning), "it has told");
        Assert.That(cluster.Health.Reason, Does.Contain("taking part in the cluster"));
    }

    [Test]
    public async Task KeepAsync_LoopThatFails_IsLoggedAndStartsAgain()
    {
        var log = new FakeLogger();
        int started = 0;

        await Loops.KeepAsync(_ => started++ == 0 ? throw new InvalidOperationException("unexpected") : Task.CompletedTask, TimeProvider.System, log, CancellationToken.None);

        Assert.That(started, Is.EqualTo(2));
        Assert.That(log.LatestRecord.Id.Id, Is.EqualTo(214));
        Assert.That(log.LatestRecord.Exception, Has.Message.EqualTo("unexpected"));
    }

    private static IEnumerable<FakeLogRecord> Logged(TestServer server, int id) => server.Log.Collector.GetSnapshot().Where(record => record.Id.Id == id);
}
