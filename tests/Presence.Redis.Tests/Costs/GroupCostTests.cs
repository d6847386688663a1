using System.Diagnostics;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Costs;

/// <summary>What groups cost: joins in two of them, one of the client's own user and one room of a thousand, beside joins in none, by turns.</summary>
[TestFixture]
[Category("Long")] // and means something in Release only
public class GroupCostTests
{
    private const int RoomSize = 1000;

    [TestCase(StoreKind.Garnet, false)]
    [TestCase(StoreKind.Redis, false, Category = "BeyondSdk")]
    [TestCase(StoreKind.Redis, true, Category = "BeyondSdk")]
    public async Task AwaitedJoins_InTwoGroups_TakeAtMostTwiceAsLongAsInNone(StoreKind kind, bool hasCallback)
    {
        if (kind == StoreKind.Redis)
        {
            RedisProcess.RequireInstalled();
        }

        int rounds = TestScale.Of(5, 9), clients = TestScale.Of(2000, 10_000);
        await using TestStore store = kind == StoreKind.Redis ? await RedisStore.StartAsync() : new GarnetStore();
        await using StoreStatistics? statistics = kind == StoreKind.Redis ? await StoreStatistics.OfAsync(store.Configuration) : null;
        await using ConnectionMultiplexer connection = await store.ConnectAsync();
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        await using var cluster = new RedisPresenceCluster(tracker, new RedisPresenceOptions { Connection = connection });
        using IDisposable? registration = hasCallback ? cluster.Groups.OnChange(_ => default) : null;
        await cluster.StartAsync();
        await cluster.WhenRegisteredAsync();
        foreach (int outstanding in TestScale.IsLong ? [1, 16, 256] : (int[])[1])
        {
            List<Cost> bare = [], inGroups = [];
            for (int round = -1; round < rounds; round++)
            {
                Cost none = await MeasureAsync(tracker, cluster, statistics, outstanding, clients, _ => []);
                Cost two = await MeasureAsync(tracker, cluster, statistics, outstanding, clients, i => [$"user:{i}", $"room:{i / RoomSize}"]);
                if (round >= 0) // after warming up
                {
                    bare.Add(none);
                    inGroups.Add(two);
                }
            }

            double join = MedianRatio(cost => cost.Joined), leave = MedianRatio(cost => cost.Left);
            await TestContext.Out.WriteLineAsync(FormattableString.Invariant(
                $"{kind}{(hasCallback ? " with callbacks" : "")}, {outstanding} outstanding: a join in two groups takes {join:0.00} times as long as one in none ({Median(bare, cost => cost.Joined) / clients:0.0} and {Median(inGroups, cost => cost.Joined) / clients:0.0} us), the store alone {MedianRatio(cost => cost.StoreJoined):0.00} ({Median(bare, cost => cost.StoreJoined) / clients:0.0} and {Median(inGroups, cost => cost.StoreJoined) / clients:0.0} us); a leave {leave:0.00} times, the store {MedianRatio(cost => cost.StoreLeft):0.00}"));
            Assert.That(join, Is.LessThanOrEqualTo(outstanding > 1 ? 6.0 : kind == StoreKind.Redis ? 2.0 : 3.0), $"with {outstanding} outstanding: with many all is processor time, as with a store in the test's process");

            double MedianRatio(Func<Cost, double> of) => Median([.. bare.Zip(inGroups, (none, two) => of(two) / of(none))], ratio => ratio); // of neighbours, which whatever else the machine does meets alike
        }
    }

    private static async Task<Cost> MeasureAsync(PresenceTracker tracker, RedisPresenceCluster cluster, StoreStatistics? statistics, int outstanding, int clients, Func<int, string[]> groupsOf)
    {
        await (statistics?.ResetAsync() ?? Task.CompletedTask);
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, outstanding).Select(worker => Task.Run(async () =>
        {
            for (int i = worker; i < clients; i += outstanding)
            {
                string id = $"client{i}";
                await cluster.WhenPublishedAsync(id, tracker.Join(id, new JoinOptions { Groups = groupsOf(i) }).Session);
            }
        })));
        double joined = Stopwatch.GetElapsedTime(started).TotalMicroseconds, storeJoined = await StoreTimeAsync();
        await (statistics?.ResetAsync() ?? Task.CompletedTask);
        started = Stopwatch.GetTimestamp();
        for (int i = 0; i < clients; i++)
        {
            tracker.Leave($"client{i}");
        }

        await Eventually.Is(async () => await cluster.CountAsync() == 0, "all have left");
        return new Cost(joined, storeJoined, Stopwatch.GetElapsedTime(started).TotalMicroseconds, await StoreTimeAsync());

        async Task<double> StoreTimeAsync() => statistics is null ? 0 : (await statistics.ReadScriptTimeAsync()).TotalMicroseconds;
    }

    private static double Median<T>(List<T> values, Func<T, double> of) => values.Select(of).Order().ElementAt(values.Count / 2);

    /// <summary>What a round took, in microseconds.</summary>
    private readonly record struct Cost(double Joined, double StoreJoined, double Left, double StoreLeft);
}
