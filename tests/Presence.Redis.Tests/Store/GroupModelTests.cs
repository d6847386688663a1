using Presence.Redis.Store;
using Presence.Redis.Tests.Groups;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

/// <summary>Whatever servers do in whatever order, the index of groups is what one would count from all entries, and edges are what one would tell from that.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class GroupModelTests(StoreKind kind) : GroupScriptFixture(kind)
{
    private const int Groups = 5, Clients = 8;

    [Test]
    public async Task AnySequence_IndexAndEdges_AreThoseOfTheEntries()
    {
        int seed = Random.Shared.Next(1_000_000_000), steps = TestScale.Of(400, 20_000);
        var random = new Random(seed);
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        List<string> epochs = [await OpenAsync("a"), await OpenAsync("b"), await OpenAsync("c")];
        var told = new List<ClusterGroupChange>();
        for (int step = 0; step < steps; step++)
        {
            string what = await StepAsync(random, epochs);
            told.AddRange(Edges.TakeAll().Select(edge => new ClusterGroupChange { Kind = edge.Kind, Group = edge.Group, Number = edge.Number }));
            await AssertModelAsync(told, $"seed {seed}, step {step}: {what}");
        }

        Assert.That(told, Has.Count.GreaterThan(steps / 10), "or it has shown nothing");
    }

    private async Task<string> StepAsync(Random random, List<string> epochs)
    {
        string epoch = epochs[random.Next(epochs.Count)], other = epochs[random.Next(epochs.Count)];
        string[] some = [.. Enumerable.Range(0, Groups).Where(_ => random.Next(3) == 0).Select(i => $"g{i}")], lingering = [.. Enumerable.Range(0, Groups).Where(_ => random.Next(3) == 0).Select(i => $"g{i}")];
        long stamp = await NowAsync() + random.Next(-50, 50);
        string published = random.Next(3) == 0 ? "" : $"{epoch},{other}";
        switch (random.Next(10))
        {
            case < 4:
                await PublishAsync(epoch, [.. SomeClients().Select(id => Join(id, stamp, published, some))], lingering);
                return $"{epoch} joins, in {string.Join(' ', some)}";
            case < 7:
                await PublishAsync(epoch, [.. SomeClients().Select(id => new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), id, stamp, published))], lingering);
                return $"{epoch} leaves, lingering {string.Join(' ', lingering)}";
            case 7:
                foreach (GroupHold hold in await Holds.ReadAsync(other))
                {
                    await Holds.ReleaseAsync(epoch, [hold with { Batch = hold.Batch - random.Next(2) }]);
                }

                return $"{epoch} releases what {other} holds";
            case 8 when epoch != other:
                bool isOwn = random.Next(2) == 0;
                List<Claim> claims = await Takeovers.ClaimAsync(epoch, other, isOwn, CancellationToken.None).Distinct().ToListAsync();
                epochs[epochs.IndexOf(other)] = await OpenAsync("next");
                if (claims.Count > 0 && random.Next(3) > 0)
                {
                    await Takeovers.EndClaimedAsync(epoch, claims, await NowAsync() + 30_000_000);
                }

                foreach (GroupHold hold in await Holds.ReadAsync(other))
                {
                    await Holds.ReleaseAsync(epoch, [hold]);
                }

                return $"{epoch} takes over from {other}, its own: {isOwn}";
            default:
                return "nothing";
        }

        RedisValue[] SomeClients() => [.. Enumerable.Range(0, Clients).Where(_ => random.Next(4) == 0).Select(i => (RedisValue)$"c{i}")];
    }

    private async Task AssertModelAsync(List<ClusterGroupChange> told, string context)
    {
        IDatabase database = Connection.GetDatabase();
        var members = new HashSet<(string Group, string Client)>();
        foreach (HashEntry entry in await database.HashGetAllAsync(Keys[0].Clients))
        {
            StoredSession session = StoredSession.Parse(entry.Value);
            members.UnionWith((session.Tail.IsEmpty ? [] : StoredTail.ReadGroups(session.Tail.Span)).Select(group => (group, (string)entry.Name!)));
        }

        string[] held = [.. (await database.HashKeysAsync(Keys[0].Held)).Select(key => ((string)key!)[2..])];
        Dictionary<string, long> counts = (await database.HashGetAllAsync(Keys[0].Groups)).ToDictionary(entry => ((string)entry.Name!)[2..], entry => (long)entry.Value);
        string[] index = [.. (await database.SortedSetRangeByRankAsync(Keys[0].Members)).Select(entry => (string)entry!)];

        Assert.That(index, Is.EquivalentTo(members.Select(member => $"{member.Group.Length}:{member.Group}{member.Client}")), context);
        Assert.That(held.Intersect(members.Select(member => member.Group)), Is.Empty, context);
        Assert.That(counts, Is.EquivalentTo(members.CountBy(member => member.Group).Select(count => KeyValuePair.Create(count.Key, (long)count.Value)).Concat(held.Select(group => KeyValuePair.Create(group, 0L)))), context);
        Assert.That(EdgeList.WrongIn(told, counts.Keys), Is.Empty, context);
    }
}
