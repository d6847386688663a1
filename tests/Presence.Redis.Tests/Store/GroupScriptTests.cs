using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

/// <summary>The index of groups follows the entries of sessions, whatever changes them, and what guards those guards it.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class GroupScriptTests(StoreKind kind) : ScriptFixture(kind)
{
    [Test]
    public async Task PublishAsync_JoinsWithGroups_AreMembers()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();

        await JoinAsync(a, "ann", now, "", "room", "user:1");
        await JoinAsync(b, "bob", now - 5_000_000, "", "room"); // late, so on the other way through the script
        await JoinAsync(a, "cid", now, "");

        await AssertGroupsAsync(("room", ["ann", "bob"]), ("user:1", ["ann"]));
    }

    [Test]
    public async Task PublishAsync_SameSessionWithOtherGroups_KeepsItsTokenAndHasThose()
    {
        string a = await OpenAsync("a");
        long now = await NowAsync();
        long token = await JoinAsync(a, "ann", now, "", "one", "two");

        Assert.That(await JoinAsync(a, "ann", now, a, "three", "two"), Is.EqualTo(token));
        await AssertGroupsAsync(("two", ["ann"]), ("three", ["ann"]));
        Assert.That(await JoinAsync(a, "ann", now, a), Is.EqualTo(token));
        await AssertGroupsAsync();
    }

    [Test]
    public async Task PublishAsync_LaterSession_HasItsOwnGroups()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one", "two");

        await JoinAsync(b, "ann", now + 1, "", "two", "three");
        await AssertGroupsAsync(("two", ["ann"]), ("three", ["ann"]));
        await JoinAsync(a, "ann", now + 2, a);
        await AssertGroupsAsync();
    }

    [Test]
    public async Task PublishAsync_EarlierSession_ChangesNoGroup()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");

        Assert.That(await JoinAsync(b, "ann", now - 1, "", "two"), Is.Zero);
        await EndAsync(b, "ann", now + 1, b);
        await EndAsync(a, "ann", now - 1, a);

        await AssertGroupsAsync(("one", ["ann"]));
    }

    [Test]
    public async Task PublishAsync_BatchThatIsRefused_ChangesNoGroup()
    {
        string a = await OpenAsync("a"), closed = await Members.RegisterAsync(Minute, "b", oldEpoch: "");
        PublishedOperation join = Join("ann", await NowAsync(), "", "one");
        await Sessions.PublishAsync(shard: 0, a, batch: 2, answered: 0, [join]);

        await Sessions.PublishAsync(shard: 0, a, batch: 1, answered: 0, [join with { PublishedEpochs = a, Tail = StoredTail.Write([], ["late"]) }]);
        await Sessions.PublishAsync(shard: 0, closed, batch: 1, answered: 0, [Join("bob", await NowAsync(), "", "unopened")]);

        await AssertGroupsAsync(("one", ["ann"]));
    }

    [Test]
    public async Task PublishAsync_End_LeavesAllGroups()
    {
        string a = await OpenAsync("a");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one", "two");
        await JoinAsync(a, "bob", now, "", "two");

        await EndAsync(a, "ann", now, a);

        await AssertGroupsAsync(("two", ["bob"]));
    }

    [Test]
    public async Task PublishAsync_OneLeavesAsAnotherEnters_CountsBoth()
    {
        string a = await OpenAsync("a");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");

        await PublishAsync(a, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now, a), Join("bob", now, "", "one"), Join("cid", now, "", "one")]);

        await AssertGroupsAsync(("one", ["bob", "cid"]));
    }

    [Test]
    public async Task EndClaimedAsync_Members_StayForTheirGraceAndLeaveWithTheVerdict()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        long now = await NowAsync();
        await JoinAsync(dead, "ann", now, "", "one");
        await JoinAsync(dead, "bob", now, "", "one");
        List<Claim> claims = await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).Distinct().ToListAsync();
        await AssertGroupsAsync(("one", ["ann", "bob"]));
        await EndAsync(dead, "ann", now, dead); // which may write no more

        await JoinAsync(me, "bob", now + 1, "", "one");
        await Takeovers.EndClaimedAsync(me, claims, await NowAsync() + 30_000_000);

        await AssertGroupsAsync(("one", ["bob"]));
    }

    [Test]
    public async Task PublishAsync_ComesHomeAfterAClaim_KeepsItsTokenAndHasItsGroups()
    {
        string old = await OpenAsync("a"), claimer = await OpenAsync("b"), me = await OpenAsync("a");
        long now = await NowAsync();
        long token = await JoinAsync(old, "ann", now, "", "one", "two");
        await Takeovers.ClaimAsync(claimer, old, isOwn: false, CancellationToken.None).CountAsync();

        Assert.That(await JoinAsync(me, "ann", now, old, "two"), Is.EqualTo(token));

        await AssertGroupsAsync(("two", ["ann"]));
        Assert.That((await Sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(me));
    }

    [Test]
    public async Task ClaimAsync_OwnEarlierEpoch_TakesItsMembersOut()
    {
        string old = await OpenAsync("me"), me = await OpenAsync("me");
        long now = await NowAsync();
        await JoinAsync(old, "ann", now, "", "one");
        await JoinAsync(me, "bob", now, "", "one");

        await Takeovers.ClaimAsync(me, old, isOwn: true, CancellationToken.None).CountAsync();

        await AssertGroupsAsync(("one", ["bob"]));
    }

    [Test]
    public async Task SendAsync_ToAMember_FindsItsServer()
    {
        string a = await OpenAsync("a");
        await JoinAsync(a, "ann", await NowAsync(), "", "one");

        Assert.That(await Sessions.SendAsync("ann", new byte[1]));
    }

    [Test]
    public async Task ReadPageAsync_KeysThatBeginAlikeOrAreNoText_AreTheirOwn()
    {
        string[] groups = ["a", "ab", "a\0b", "1:a", "\uFFFF", "\uD800\uFFFF", "\uD800", "ÿ", ";", new('x', 256)];
        string[] ids = ["a", "b", "\0", "\uFFFF\uD800", "\uD800", "ÿÿ", ":"];
        string a = await OpenAsync("a");
        long now = await NowAsync();

        await PublishAsync(a, [.. ids.Select((id, i) => Join(StoredClientId.Write(id), now, "", [.. groups.Where((_, j) => (i + j) % 3 > 0)]))]);

        await AssertGroupsAsync([.. groups.Select((group, j) => (group, ids.Where((_, i) => (i + j) % 3 > 0).ToArray()))]);
    }

    [Test]
    public async Task PublishAsync_ManyGroups_AreAllThere()
    {
        string a = await OpenAsync("a");
        string[] groups = [.. Enumerable.Range(0, 5000).Select(i => $"g{i}")];

        await JoinAsync(a, "ann", await NowAsync(), "", groups);
        Assert.That(await Connection.GetDatabase().HashLengthAsync(Keys[0].Groups), Is.EqualTo(groups.Length));
        await JoinAsync(a, "ann", await NowAsync(), a, "g1");

        await AssertGroupsAsync(("g1", ["ann"]));
    }

    [Test]
    public async Task PublishAsync_FirstInAndLastOut_AreEdgesWithNumbersThatGrow()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");
        OwedEdge[] first = Edges.TakeAll();
        await JoinAsync(b, "bob", now, "", "one");
        await EndAsync(a, "ann", now, a);
        Assert.That(Edges.TakeAll(), Is.Empty, "it is occupied throughout");
        await EndAsync(b, "bob", now, b);
        await JoinAsync(b, "bob", await NowAsync(), "", "one");

        OwedEdge[] edges = [.. first, .. Edges.TakeAll()];

        Assert.That(edges.Select(edge => (edge.Group, edge.Kind)), Is.EqualTo([("one", PresenceChanges.Occupied), ("one", PresenceChanges.Vacated), ("one", PresenceChanges.Occupied)]));
        Assert.That(edges.Select(edge => edge.Number), Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task PublishAsync_LastOutAndFirstInTogether_IsNoEdge()
    {
        string a = await OpenAsync("a");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");
        Edges.TakeAll();

        await PublishAsync(a, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now, a), Join("bob", now, "", "one")]);

        Assert.That(Edges.TakeAll(), Is.Empty);
    }

    [Test]
    public async Task Edges_ClockOfTheStoreGoesBack_HaveGreaterNumbers()
    {
        string a = await OpenAsync("a");
        long ahead = await NowAsync() + 60_000_000;
        await Connection.GetDatabase().HashSetAsync(Keys[0].Epochs, "g", ahead);

        await JoinAsync(a, "ann", await NowAsync(), "", "one", "two");

        Assert.That(Edges.TakeAll().Select(edge => edge.Number), Is.EquivalentTo([ahead + 1, ahead + 2]));
    }

    [Test]
    public async Task Edges_UntilTheyAreSettled_AreOwedByTheirServerOrWhoTakesOver()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        await JoinAsync(a, "ann", await NowAsync(), "", "one", "t\uD800o");
        OwedEdge[] owed = Edges.TakeAll();
        await Takeovers.InheritEdgesAsync(b, "nobody", CancellationToken.None);
        Assert.That(Edges.TakeAll(), Is.Empty, "they are a's");
        await Takeovers.InheritEdgesAsync(a, "nobody", CancellationToken.None);
        Assert.That(Edges.TakeAll(), Is.EquivalentTo(owed), "and are named again to it, since an answer may be lost");

        await Takeovers.SettleAsync(shard: 0, [owed[0]]);
        await Takeovers.InheritEdgesAsync(b, a, CancellationToken.None);

        Assert.That(Edges.TakeAll().Distinct(), Is.EqualTo([owed[1]]));
        await Takeovers.SettleAsync(shard: 0, [owed[1]]);
        Assert.That(await Connection.GetDatabase().KeyExistsAsync(Keys[0].Edges), Is.False);
    }

    [Test]
    public async Task Edges_NobodyIsCalledBack_AreNotOwed()
    {
        string a = await OpenAsync("a");
        foreach ((string mode, bool areNumbered) in ((string, bool)[])[("", false), ("s", true)])
        {
            Edges.Mode = mode;
            await JoinAsync(a, "ann", await NowAsync(), a, "one" + mode);

            Assert.That(Edges.TakeAll(), Is.Empty);
            Assert.That(await Connection.GetDatabase().KeyExistsAsync(Keys[0].Edges), Is.False);
            Assert.That(await Connection.GetDatabase().HashExistsAsync(Keys[0].Epochs, "g"), Is.EqualTo(areNumbered));
        }
    }

    [Test]
    public async Task Edges_OfVerdictsAndOfOwnEarlierEpochs_AreTheClaimers()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        long now = await NowAsync();
        await JoinAsync(dead, "ann", now, "", "one");
        await Takeovers.SettleAsync(shard: 0, Edges.TakeAll());
        List<Claim> claims = await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).Distinct().ToListAsync();
        Assert.That(Edges.TakeAll(), Is.Empty, "it has its grace");

        await Takeovers.EndClaimedAsync(me, claims, await NowAsync() + 30_000_000);
        OwedEdge verdict = Edges.TakeAll().Single();
        Assert.That((verdict.Kind, verdict.Group), Is.EqualTo((PresenceChanges.Vacated, "one")));
        await JoinAsync(me, "bob", await NowAsync(), "", "one");
        string next = await OpenAsync("me");
        Edges.TakeAll();
        await Takeovers.ClaimAsync(next, me, isOwn: true, CancellationToken.None).CountAsync();

        OwedEdge left = Edges.TakeAll().Single();
        Assert.That((left.Kind, left.Group), Is.EqualTo((PresenceChanges.Vacated, "one")));
        Assert.That(left.Number, Is.GreaterThan(verdict.Number + 1));
        await Takeovers.InheritEdgesAsync(next, "nobody", CancellationToken.None);
        Assert.That(Edges.TakeAll(), Is.EqualTo([left]), "the others are owed by the one that is gone");
    }

    [Test]
    public async Task PublishAsync_LastOutLingersOnItsServer_IsHeldUntilItIsReleased()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");
        Edges.TakeAll();

        await EndAsync(a, "ann", now, a, "one", "other");

        GroupHold hold = Edges.Holds.Single();
        Assert.That((hold.Group, hold.Epoch), Is.EqualTo(("one", a)));
        Assert.That(await Holds.ReadAsync(a), Is.EqualTo([hold]));
        Assert.That(await Holds.ReadAsync(b), Is.Empty);
        Assert.That(Edges.TakeAll(), Is.Empty);
        await AssertGroupsAsync(("one", []));
        await Holds.ReleaseAsync(a, [hold]);
        await Holds.ReleaseAsync(a, [hold]);

        Assert.That(Edges.TakeAll().Select(edge => (edge.Kind, edge.Group)), Is.EqualTo([(PresenceChanges.Vacated, "one")]));
        await AssertGroupsAsync();
        Assert.That(await Holds.ReadAsync(a), Is.Empty);
    }

    [Test]
    public async Task PublishAsync_SomebodyComesWhileItLingers_IsNoEdgeAndNoHold()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");
        await EndAsync(a, "ann", now, a, "one");
        Edges.TakeAll();

        await JoinAsync(b, "bob", now, "", "one");
        await Holds.ReleaseAsync(a, Edges.Holds);

        Assert.That(Edges.TakeAll(), Is.Empty);
        Assert.That(await Holds.ReadAsync(a), Is.Empty);
        await AssertGroupsAsync(("one", ["bob"]));
        await EndAsync(b, "bob", now, b);
        Assert.That(Edges.TakeAll().Single().Kind, Is.EqualTo(PresenceChanges.Vacated));
    }

    [Test]
    public async Task ReleaseAsync_LateOrNotItsHolder_ReleasesNothing()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b"), closed = await Members.RegisterAsync(Minute, "c", oldEpoch: "");
        long now = await NowAsync();
        await JoinAsync(a, "ann", now, "", "one");
        await EndAsync(a, "ann", now, a, "one");
        await JoinAsync(a, "ann", now, a, "one");
        await EndAsync(a, "ann", now, a, "one");
        GroupHold earlier = Edges.Holds[0], later = Edges.Holds[1];
        Edges.TakeAll();

        await Holds.ReleaseAsync(a, [earlier]);
        await Holds.ReleaseAsync(a, [later with { Epoch = b }]);
        await Assert.ThrowsAsync<EpochLostException>(() => Holds.ReleaseAsync(closed, [later]));

        Assert.That(Edges.TakeAll(), Is.Empty);
        await AssertGroupsAsync(("one", []));
        await Holds.ReleaseAsync(b, [later]);
        Assert.That(Edges.TakeAll().Single().Kind, Is.EqualTo(PresenceChanges.Vacated));
        await Takeovers.InheritEdgesAsync(b, "nobody", CancellationToken.None);
        Assert.That(Edges.TakeAll().Single().Kind, Is.EqualTo(PresenceChanges.Vacated), "who releases it owes it");
    }

    private static PublishedOperation Join(RedisValue id, long stamp, string published, params string[] groups) =>
        new(ChangeLetters.Joined, id, stamp, published, Tail: StoredTail.Write([], groups));

    private async Task<long> JoinAsync(string epoch, string id, long stamp, string published, params string[] groups) =>
        (await PublishAsync(epoch, [Join(id, stamp, published, groups)]))!.Single().Token;

    private Task<PublishedResult[]?> EndAsync(string epoch, string id, long stamp, string published, params string[] lingering) =>
        PublishAsync(epoch, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), id, stamp, published)], lingering);

    /// <summary>Asserts who is in each group, by all that can be asked, and that there are no others.</summary>
    private async Task AssertGroupsAsync(params (string Group, string[] Members)[] expected)
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
