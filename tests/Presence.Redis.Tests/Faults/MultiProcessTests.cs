using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Faults;

/// <summary>One server is killed and one stopped, while clients move between the others, on a store that is well and on ones that are not.</summary>
[TestFixture]
public class MultiProcessTests
{
    private static readonly TimeSpan StoreAway = TimeSpan.FromSeconds(TestScale.Of(4, 10));

    [Test]
    public async Task StoreIsWell_OnGarnet_EverySessionEndsOnceOrLivesOn()
    {
        await using var store = new GarnetStore();

        await StoreIsWellAsync(store.Configuration);
    }

    [Test]
    [Category("BeyondSdk")]
    public async Task StoreIsWell_OnRedis_EverySessionEndsOnceOrLivesOn()
    {
        await using RedisStore store = await StartRedisAsync();

        await StoreIsWellAsync(store.Configuration);
    }

    [Test]
    [Category("BeyondSdk")]
    public async Task StoreStandsStill_EverySessionEndsOnceOrLivesOn_AndNobodyIsJudgedForALease()
    {
        await using RedisStore store = await StartRedisAsync();
        await using FourServers servers = await FourServers.StartAsync(store.Configuration);

        Reckoning reckoning = await servers.SufferAsync(async () =>
        {
            store.Process.Pause();
            await Task.Delay(StoreAway, TimeProvider.System);
            store.Process.Resume();
            return TimeProvider.System.GetTimestamp();
        });

        Report(servers, reckoning);
        reckoning.AssertLocalEnds();
        reckoning.AssertVerdicts();
        await servers.AssertEdgesAsync();
        reckoning.AssertAmnesty(servers.Lease);
        if (reckoning.HasWholeStream)
        {
            reckoning.AssertStream();
        }
    }

    [Test]
    [Category("BeyondSdk")]
    public async Task StoreRestartsEmpty_LiveSessionsLiveOn_AndNobodyIsJudgedForALease()
    {
        await using RedisStore store = await StartRedisAsync();
        await using FourServers servers = await FourServers.StartAsync(store.Configuration);

        Reckoning reckoning = await servers.SufferAsync(async () =>
        {
            await store.Process.KillAsync();
            await Task.Delay(StoreAway, TimeProvider.System);
            await store.Process.StartAsync();
            return TimeProvider.System.GetTimestamp();
        });

        Report(servers, reckoning);
        reckoning.AssertLocalEnds();
        reckoning.AssertNoneOnlineIsLost(); // nor is the store asked for what it has lost: the dead server's clients
        reckoning.AssertAmnesty(servers.Lease);
    }

    [Test]
    [Category("BeyondSdk")]
    public async Task StoreFailsOverAndLosesWrites_EverySessionEndsOnceOrLivesOn()
    {
        RedisProcess.RequireInstalled();
        await using ReplicatedStore store = await ReplicatedStore.StartAsync();
        await using FourServers servers = await FourServers.StartAsync(store.Configuration);

        Reckoning reckoning = await servers.SufferAsync(async () =>
        {
            await store.CutReplicaOffAsync();
            await Task.Delay(servers.Lease / 2, TimeProvider.System); // what is written meanwhile is lost
            await store.KillPrimaryAsync();
            await Task.Delay(servers.Lease / 4, TimeProvider.System);
            await store.PromoteAsync();
            return TimeProvider.System.GetTimestamp();
        });

        Report(servers, reckoning);
        reckoning.AssertLocalEnds();
        reckoning.AssertVerdicts();
    }

    private static async Task StoreIsWellAsync(string store)
    {
        await using FourServers servers = await FourServers.StartAsync(store);

        Reckoning reckoning = await servers.SufferAsync(() => Task.FromResult<long?>(null));

        Report(servers, reckoning);
        reckoning.AssertLocalEnds();
        reckoning.AssertVerdicts();
        await servers.AssertEdgesAsync();
        Assert.That(reckoning.HasWholeStream);
        reckoning.AssertStream();
        Assert.That(
            TimeProvider.System.GetElapsedTime(servers.KilledAt, reckoning.ClaimedAt!.Value), Is.LessThan(servers.Lease + TimeSpan.FromSeconds(2)), "from the kill to the last claim");
    }

    private static void Report(FourServers servers, Reckoning reckoning) => TestContext.Out.WriteLine(FormattableString.Invariant(
        $"{servers.ClientCount} clients; lease {servers.Lease.TotalSeconds} s, grace {servers.Grace.TotalSeconds} s; {reckoning.Lost.Count} told lost; {reckoning.EpochsLost} epochs lost; last claim {TimeProvider.System.GetElapsedTime(servers.KilledAt, reckoning.ClaimedAt ?? servers.KilledAt).TotalSeconds:0.00} s after the kill; whole stream: {reckoning.HasWholeStream}"));

    private static async Task<RedisStore> StartRedisAsync()
    {
        RedisProcess.RequireInstalled();
        return await RedisStore.StartAsync();
    }
}
