using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Store;

/// <summary>When scripts find that a group became occupied or vacated, and who owes the callback.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class EdgeScriptTests(StoreKind kind) : GroupScriptFixture(kind)
{
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
}
