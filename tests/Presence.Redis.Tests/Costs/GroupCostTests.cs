using System.Diagnostics;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Costs;

/// <summary>What groups cost: joins in two of them, one of the client's own user and one room of a thousand, beside joins in none, by turns.</summary>
[TestFixture]
public class GroupCostTests
{
    private const int RoomSize = 1000;

    [TestCase(StoreKind.Garnet)]
    [TestCase(StoreKind.Redis, Category = "BeyondSdk")]
    public async Task Joins_InTwoGroups_CostAtMostTwiceThoseInNone(StoreKind kind)
    {
        if (kind == StoreKind.Redis)
        {
            RedisProcess.RequireInstalled();
        }

        int rounds = TestScale.Of(5, 9), clients = TestScale.Of(5000, 20_000);
        await using TestStore store = kind == StoreKind.Redis ? await RedisStore.StartAsync() : new GarnetStore();
        await using StoreStatistics? statistics = kind == StoreKind.Redis ? await StoreStatistics.OfAsync(store.Configuration) : null;
        await using TestServer server = await TestServer.StartAsync(store, "cost", "a", options => options.Lease = TimeSpan.FromMinutes(1));
        foreach (int outstanding in (int[])[16, 256])
        {
            List<Cost> bare = [], inGroups = [];
            for (int round = -1; round < rounds; round++)
            {
                Cost none = await MeasureAsync(server, statistics, outstanding, clients, _ => []);
                Cost two = await MeasureAsync(server, statistics, outstanding, clients, i => [$"user:{i}", $"room:{i / RoomSize}"]);
                if (round >= 0) // after warming up
                {
                    bare.Add(none);
                    inGroups.Add(two);
                }
            }

            double join = MedianRatio(cost => cost.Joined), leave = MedianRatio(cost => cost.Left);
            await TestContext.Out.WriteLineAsync(FormattableString.Invariant(
                $"{kind}, {outstanding} outstanding: a join in two groups takes {join:0.00} times as long as one in none, the store alone {MedianRatio(cost => cost.StoreJoined):0.00} ({Median(bare, cost => cost.StoreJoined) / clients:0.0} and {Median(inGroups, cost => cost.StoreJoined) / clients:0.0} us); a leave {leave:0.00} times, the store {MedianRatio(cost => cost.StoreLeft):0.00}"));
            Assert.That(join, Is.LessThanOrEqualTo(2.0), $"with {outstanding} outstanding");

            double MedianRatio(Func<Cost, double> of) => Median([.. bare.Zip(inGroups, (none, two) => of(two) / of(none))], ratio => ratio); // of neighbours, which whatever else the machine does meets alike
        }
    }

    private static async Task<Cost> MeasureAsync(TestServer server, StoreStatistics? statistics, int outstanding, int clients, Func<int, string[]> groupsOf)
    {
        await (statistics?.ResetAsync() ?? Task.CompletedTask);
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, outstanding).Select(worker => Task.Run(async () =>
        {
            for (int i = worker; i < clients; i += outstanding)
            {
                await server.JoinAsync($"client{i}", groupsOf(i));
            }
        })));
        double joined = Stopwatch.GetElapsedTime(started).TotalMicroseconds, storeJoined = await StoreTimeAsync();
        await (statistics?.ResetAsync() ?? Task.CompletedTask);
        started = Stopwatch.GetTimestamp();
        for (int i = 0; i < clients; i++)
        {
            server.Tracker.Leave($"client{i}");
        }

        await Eventually.Is(async () => await server.Cluster.CountAsync() == 0, "all have left");
        return new Cost(joined, storeJoined, Stopwatch.GetElapsedTime(started).TotalMicroseconds, await StoreTimeAsync());

        async Task<double> StoreTimeAsync() => statistics is null ? 0 : (await statistics.ReadScriptTimeAsync()).TotalMicroseconds;
    }

    private static double Median<T>(List<T> values, Func<T, double> of) => values.Select(of).Order().ElementAt(values.Count / 2);

    /// <summary>What a round took, in microseconds.</summary>
    private readonly record struct Cost(double Joined, double StoreJoined, double Left, double StoreLeft);
}
