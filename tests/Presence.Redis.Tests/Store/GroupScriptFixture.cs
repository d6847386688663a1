using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

/// <summary>Tests of what scripts do with groups.</summary>
public abstract class GroupScriptFixture(StoreKind kind) : ScriptFixture(kind)
{
    private protected static PublishedOperation Join(RedisValue id, long stamp, string published, params string[] groups) =>
        new(ChangeLetters.Joined, id, stamp, published, Tail: StoredTail.Write([], groups));

    private protected async Task<long> JoinAsync(string epoch, string id, long stamp, string published, params string[] groups) =>
        (await PublishAsync(epoch, [Join(id, stamp, published, groups)]))!.Single().Token;

    private protected Task<PublishedResult[]?> EndAsync(string epoch, string id, long stamp, string published, params string[] lingering) =>
        PublishAsync(epoch, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), id, stamp, published)], lingering);

    /// <summary>Asserts who is in each group, by all that can be asked, and that there are no others.</summary>
    private protected async Task AssertGroupsAsync(params (string Group, string[] Members)[] expected)
    {
        IDatabase database = Connection.GetDatabase();
        var groups = new GroupStore(database, Keys);
        foreach ((string group, string[] members) in expected)
        {
            Assert.That(await groups.CountAsync(group), Is.EqualTo(members.Length), group);
            var read = new List<string>();
            byte[]? after = null;
            do
            {
                (List<(string ClientId, StoredSession Session)> page, after) = await groups.ReadPageAsync(shard: 0, group, after, count: 2);
                read.AddRange(page.Select(member => member.ClientId));
            }
            while (after is not null);
            Assert.That(read, Is.EquivalentTo(members), group);
        }

        Assert.That(await groups.AreOccupiedAsync([.. expected.Select(entry => entry.Group), "nobody's"]), Is.EqualTo([.. expected.Select(_ => true), false]));
        Assert.That(await database.HashLengthAsync(Keys[0].Groups), Is.EqualTo(expected.Length), "groups");
        Assert.That(await database.SortedSetLengthAsync(Keys[0].Members), Is.EqualTo(expected.Sum(entry => entry.Members.Length)), "memberships");
    }
}
