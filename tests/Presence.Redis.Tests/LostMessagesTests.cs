using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

/// <summary>Messages of the store that do not come, without a word.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class LostMessagesTests(StoreKind kind) : ServersFixture(kind)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    [Test]
    public async Task WordOfAReplacement_NeverComes_IsFoundWithinTheLease()
    {
        TestServer a = await StartAsync("a", options => options.Lease = Lease, Cable), b = await StartAsync("b", options => options.Lease = Lease);
        await a.JoinAsync("ann");
        await a.JoinAsync("bob");
        Cable.Deafen();

        await b.JoinAsync("ann");

        long since = TimeProvider.System.GetTimestamp();
        await Eventually.Is(() => a.ToldOf("ann").SequenceEqual([PresenceChanges.Joined, PresenceChanges.Replaced]), "a has found out");
        Assert.That(TimeProvider.System.GetElapsedTime(since), Is.LessThan(Lease + TimeSpan.FromSeconds(1)));
        Assert.That(a.ToldOf("bob"), Is.EqualTo([PresenceChanges.Joined]));
        await Eventually.Is(() => !a.Cluster.Health.IsHealthy && a.Cluster.Health.Reason!.Contains("replaced", StringComparison.Ordinal), "a says that it hears nothing");
    }

    [Test]
    public async Task Changes_NeverCome_EndTheStreamWithinTwoLeases()
    {
        TestServer a = await StartAsync("a", options => options.Lease = Lease, Cable), b = await StartAsync("b", options => options.Lease = Lease);
        IAsyncEnumerable<ClusterChange> changes = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined);
        await using IAsyncEnumerator<ClusterChange> reader = changes.GetAsyncEnumerator();
        await b.JoinAsync("ann");
        Assert.That(await reader.MoveNextAsync());
        Cable.Deafen();

        await b.JoinAsync("bob");

        await Assert.ThatAsync(async () => await reader.MoveNextAsync().AsTask().WaitAsync(Lease * 2), Throws.InstanceOf<ChangesLostException>());
    }

    [Test]
    public async Task ConnectionsWithAPrefixForChannels_HearEverythingAtOnce()
    {
        void Longer(RedisPresenceOptions options) => options.Lease = TimeSpan.FromMinutes(2);
        void WithPrefix(ConfigurationOptions options) => options.ChannelPrefix = RedisChannel.Literal("app:");
        TestServer a = await StartAsync("a", Longer, connect: WithPrefix), b = await StartAsync("b", Longer, connect: WithPrefix);
        IAsyncEnumerable<ClusterChange> changes = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined);
        await a.JoinAsync("ann");

        await b.JoinAsync("ann");

        await Eventually.Is(() => a.ToldOf("ann").SequenceEqual([PresenceChanges.Joined, PresenceChanges.Replaced]), "a was told");
        Assert.That(await changes.Take(2).CountAsync().AsTask().WaitAsync(TestServer.Patience), Is.EqualTo(2));
    }

    [Test]
    public async Task TwoDatabasesOfOneStore_SamePrefix_HearNothingOfEachOther()
    {
        TestServer a = await StartAsync("a"), other = await StartAsync("other", connect: options => options.DefaultDatabase = 1);
        IAsyncEnumerable<ClusterChange> changes = await a.Cluster.ReadChangesAsync(PresenceChanges.Joined | PresenceChanges.Ended);
        await a.JoinAsync("ann");

        await other.JoinAsync("ann");
        await other.JoinAsync("eve");
        await a.JoinAsync("bob");

        Assert.That(await changes.Take(2).Select(change => change.ClientId).ToListAsync().AsTask().WaitAsync(TestServer.Patience), Is.EqualTo(["ann", "bob"]));
        Assert.That(a.ToldOf("ann"), Is.EqualTo([PresenceChanges.Joined]));
        Assert.That(await a.Cluster.CountAsync(), Is.EqualTo(2));
    }
}
