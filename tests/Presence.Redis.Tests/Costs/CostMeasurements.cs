using System.Diagnostics;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Costs;

/// <summary>Measures what <c>docs/clustering.md</c> says of the store, which has the command.</summary>
[TestFixture]
[Category("Long")] // and means something in Release only
public class CostMeasurements
{
    [TestCase(StoreKind.Garnet)]
    [TestCase(StoreKind.Redis)]
    public async Task AwaitedJoins_AgainstAwaitedHsets(StoreKind kind)
    {
        const int Rounds = 9;
        const int Operations = 20_000;
        await using TestStore store = await StartAsync(kind);
        await using ConnectionMultiplexer connection = await store.ConnectAsync();
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        await using var cluster = new RedisPresenceCluster(tracker, new RedisPresenceOptions { Connection = connection });
        await cluster.StartAsync();
        await cluster.WhenRegisteredAsync();
        IDatabase database = connection.GetDatabase();
        foreach (int outstanding in (int[])[16, 64, 256, 1024])
        {
            var joins = new List<double>();
            var sets = new List<double>();
            for (int round = -2; round < Rounds; round++)
            {
                double join = await RateAsync(outstanding, Operations, async id => await cluster.WhenPublishedAsync(id, tracker.Join(id).Session));
                for (int i = 0; i < Operations; i++)
                {
                    tracker.Leave($"client{i}");
                }

                await Eventually.Is(async () => await cluster.CountAsync() == 0, "all have left");
                double set = await RateAsync(outstanding, Operations, id => database.HashSetAsync("bare", id, "1b2hm9z 64443d81e2c35 35"));
                await database.KeyDeleteAsync("bare");
                if (round >= 0) // after warming up
                {
                    joins.Add(join);
                    sets.Add(set);
                }
            }

            double ratio = Median([.. joins.Zip(sets, (join, set) => join / set)]); // of neighbours, which whatever else the machine does meets alike
            Write($"{kind}, {outstanding} outstanding: joins {Median(joins):n0}/s, HSETs {Median(sets):n0}/s, ratio {ratio:P0}");
            Assert.That(ratio, Is.GreaterThanOrEqualTo(0.6), $"with {outstanding} outstanding");
        }
    }

    [Test]
    public async Task MemoryPerClient()
    {
        const int Clients = 500_000;
        await using TestStore store = await StartAsync(StoreKind.Redis);
        await using StoreStatistics statistics = await StoreStatistics.OfAsync(store.Configuration);
        await using TestServer server = await TestServer.StartAsync(store, "memory", "a", options => options.Lease = TimeSpan.FromSeconds(15));
        long before = await statistics.UsedMemoryAsync();

        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 1000 }, async (i, _) => await server.JoinAsync($"client{i:0000000000}"));

        double bytes = (double)(await statistics.UsedMemoryAsync() - before) / Clients;
        Write($"{bytes:0.0} bytes of the store for each of {Clients:n0} clients with ids of 16 characters");
        Assert.That(bytes, Is.LessThanOrEqualTo(110));
    }

    [Test]
    public async Task Takeover_OfMany_HoldsTheStoreForMoments()
    {
        const int Clients = 200_000;
        await using TestStore store = await StartAsync(StoreKind.Redis);
        await using StoreStatistics statistics = await StoreStatistics.OfAsync(store.Configuration);
        await using TestServer a = await TestServer.StartAsync(store, "slow", "a", options => options.Lease = TimeSpan.FromSeconds(5));
        await using TestServer b = await TestServer.StartAsync(store, "slow", "b", options => options.Lease = TimeSpan.FromSeconds(5));
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 1000 }, async (i, _) => await a.JoinAsync($"client{i:0000000000}"));
        await statistics.ResetAsync();
        await statistics.NoteSlowAsync(longerThan: TimeSpan.FromMilliseconds(1));

        a.Die();

        long died = Stopwatch.GetTimestamp();
        await Eventually.Is(() => b.Log.Collector.GetSnapshot().Any(record => record.Id.Id == 206), "b has taken over");
        IReadOnlyList<(string Command, TimeSpan Time)> slow = await statistics.ReadSlowAsync();
        Write($"{b.Log.Collector.GetSnapshot().Last(record => record.Id.Id == 206).Message}");
        Write($"{Stopwatch.GetElapsedTime(died).TotalSeconds:0.0} s after the death; {await statistics.CountAsync()}");
        Write($"{slow.Count} scripts held the store for over 1 ms, {slow.Count(entry => entry.Time > TimeSpan.FromMilliseconds(3))} for over 3 ms: {string.Join(", ", slow.OrderByDescending(entry => entry.Time).Take(10).Select(entry => FormattableString.Invariant($"{entry.Command} {entry.Time.TotalMilliseconds:0.0} ms")))}");
        await Eventually.Is(() => b.Told.Count(change => change.Kind == PresenceChanges.ServerLost) == Clients, "all callbacks have run");
    }

    private static async Task<TestStore> StartAsync(StoreKind kind)
    {
        if (kind == StoreKind.Garnet)
        {
            return new GarnetStore();
        }

        RedisProcess.RequireInstalled();
        return await RedisStore.StartAsync();
    }

    /// <summary>How many a second, when each of some workers awaits one before the next, all of them over one connection.</summary>
    private static async Task<double> RateAsync(int workers, int operations, Func<string, Task> act)
    {
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            for (int i = worker; i < operations; i += workers)
            {
                await act($"client{i}");
            }
        })));
        return operations / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Write(FormattableString line) => TestContext.Out.WriteLine(FormattableString.Invariant(line));
}
