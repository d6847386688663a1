using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Costs;

/// <summary>What renewals cost the store, by the number of servers.</summary>
[TestFixture]
[Category("BeyondSdk")]
public class RenewalCostTests
{
    [Test]
    public async Task Renewals_OfAThousandServers_TakeTheStoreLittle()
    {
        RedisProcess.RequireInstalled();
        await using RedisStore store = await RedisStore.StartAsync();
        await using ConnectionMultiplexer connection = await store.ConnectAsync();
        await using StoreStatistics statistics = await StoreStatistics.OfAsync(store.Configuration);

        TimeSpan few = await MeasureAsync(connection, statistics, servers: 10), many = await MeasureAsync(connection, statistics, servers: 1000);

        double share = many.TotalSeconds * 1000 * 3 / new RedisPresenceOptions().Lease.TotalSeconds;
        await TestContext.Out.WriteLineAsync(FormattableString.Invariant(
            $"a renewal with its check of a shard holds the store for {few.TotalMicroseconds:0.0} us with 10 servers and for {many.TotalMicroseconds:0.0} us with 1,000, which then take {share:P1} of its time"));
        Assert.That(many, Is.LessThan(few * 4), "it does not grow with the servers");
        Assert.That(share, Is.LessThan(0.03));
    }

    /// <summary>The store's time for one server's renewal and check.</summary>
    private static async Task<TimeSpan> MeasureAsync(ConnectionMultiplexer connection, StoreStatistics statistics, int servers)
    {
        const int Rounds = 1000;
        IDatabase database = connection.GetDatabase();
        var scripts = new StoreScripts(database);
        var members = new MemberStore(database, scripts, new StoreKeys($"cost{servers}", shards: 1), new StoreClock(TimeProvider.System), TimeProvider.System);
        var epochs = new List<string>();
        for (int i = 0; i < servers; i++)
        {
            epochs.Add(await members.RegisterAsync(RedisPresenceOptions.MaxLease, $"server{i}", oldEpoch: ""));
        }

        await RenewAsync(epochs[0]); // so that the scripts are known
        await statistics.ResetAsync();
        for (int i = 0; i < Rounds; i++)
        {
            await RenewAsync(epochs[i % servers]);
        }

        return await statistics.ReadScriptTimeAsync() / Rounds;

        async Task RenewAsync(string epoch)
        {
            await members.RenewAsync(RedisPresenceOptions.MaxLease, epoch);
            await members.CheckAsync(shard: 0, epoch, answered: 0);
        }
    }
}
