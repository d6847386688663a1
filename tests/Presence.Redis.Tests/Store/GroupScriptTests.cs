using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Store;

/// <summary>The index of groups follows the entries of sessions, whatever changes them, and what guards those guards it.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class GroupScriptTests(StoreKind kind) : GroupScriptFixture(kind)
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
}
