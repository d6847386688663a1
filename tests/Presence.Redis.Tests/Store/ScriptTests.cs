using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ScriptTests(StoreKind kind) : ScriptFixture(kind)
{
    [Test]
    public async Task PublishAsync_JoinAfterOneWhoseClockIsAhead_Replaces()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        long first = await JoinAsync(a, now + 10_000_000, published: "");

        long second = await JoinAsync(b, now + 1_000_000, published: "");

        Assert.That(second, Is.GreaterThan(first));
        Assert.That((await Sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
    }

    [Test]
    public async Task PublishAsync_JoinBeforeOneThatWasPublishedFirst_IsRefused()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");

        PublishedResult[]? results = await PublishAsync(b, now - 1, published: "");

        Assert.That(results, Is.EqualTo([default(PublishedResult)]));
        Assert.That((await Sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(a));
    }

    [Test]
    public async Task PublishAsync_JoinAfterOneThatDidNotKnowOfItsReplacement_Replaces()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b"), c = await OpenAsync("c");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");
        await JoinAsync(c, now + 1_000_000, published: "");
        long ahead = await JoinAsync(a, now + 10_000_000, published: a); // word of c has not come, and the clock of a is ahead

        long last = await JoinAsync(b, await NowAsync() + 1_000_000, published: "");

        Assert.That(last, Is.GreaterThan(ahead));
        Assert.That((await Sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
    }

    [Test]
    public async Task PublishAsync_AgainAfterTheStoreLostIt_GivesATokenAfterItsStamp()
    {
        string a = await OpenAsync("a");
        long ahead = await NowAsync() + 10_000_000;

        long token = await JoinAsync(a, ahead, published: "lost1");

        Assert.That(token, Is.GreaterThanOrEqualTo(ahead));
    }

    [Test]
    public async Task ClaimAsync_OthersLeaveBetweenPages_ClaimsAll()
    {
        const int Others = 100, Clients = 600;
        string other = await OpenAsync("other"), dead = await OpenAsync("dead"), me = await OpenAsync("me");
        await PublishManyAsync(other, ChangeLetters.Joined, "other", Others, published: "");
        await PublishManyAsync(dead, ChangeLetters.Joined, "client", Clients, published: "");

        var claimed = new HashSet<Claim>();
        await foreach (Claim claim in Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None))
        {
            if (claimed.Count == 0)
            {
                await PublishManyAsync(other, ChangeLetters.OfEnd(PresenceChanges.Left), "other", Others, published: other);
            }

            claimed.Add(claim);
        }

        Assert.That(claimed, Has.Count.EqualTo(Clients));
    }

    [Test]
    public async Task ClaimAsync_OwnEarlierEpoch_RemovesAllThatIsLeft()
    {
        string old = await OpenAsync("me"), me = await OpenAsync("me");
        await PublishManyAsync(old, ChangeLetters.Joined, "client", 600, published: "");

        List<Claim> claimed = await Takeovers.ClaimAsync(me, old, isOwn: true, CancellationToken.None).ToListAsync();

        Assert.That(claimed, Is.Empty);
        Assert.That(await Sessions.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task PublishAsync_BatchAfterALaterOne_IsRefused()
    {
        string a = await OpenAsync("a");
        PublishedOperation join = new(ChangeLetters.Joined, "ann", await NowAsync(), "");
        await Sessions.PublishAsync(shard: 0, a, batch: 2, answered: 0, [join]);
        await Sessions.PublishAsync(shard: 0, a, batch: 3, answered: 2, [join with { Kind = ChangeLetters.OfEnd(PresenceChanges.Left), PublishedEpochs = a }]);

        foreach (long late in (long[])[1, 2, 3])
        {
            Assert.That(await Sessions.PublishAsync(shard: 0, a, late, answered: 0, [join]), Is.EqualTo(((PublishedResult[]?)null, Refusal.Overtaken)));
        }

        Assert.That(await Sessions.FindAsync("ann"), Is.Null);
    }

    [Test]
    public async Task PublishAsync_ReplacedByOneThatHasEnded_IsRefusedUntilItsServerKnows()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");
        await JoinAsync(b, now + 1, published: "");
        await PublishAsync(b, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now + 1, b)]);

        Assert.That(await PublishAsync(a, now, published: a), Is.EqualTo([default(PublishedResult)]));
        Assert.That(await PublishAsync(a, now, published: a), Is.EqualTo([default(PublishedResult)]), "and again, for the answer may not have come");
        await PublishAsync(a, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Replaced), "ann", now, a)]);
        Assert.That(await Connection.GetDatabase().KeyExistsAsync(Keys[0].Replaced), Is.False, "nothing is kept of it");
        Assert.That(await Sessions.FindAsync("ann"), Is.Null);
    }

    [Test]
    public async Task PublishAsync_LaterSessionThanTheOneThatReplacedAndEnded_Joins()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");
        await JoinAsync(b, now + 1, published: "");
        await PublishAsync(b, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now + 1, b)]);

        Assert.That(await JoinAsync(a, now + 2, published: a), Is.Positive);
        Assert.That(await Connection.GetDatabase().KeyExistsAsync(Keys[0].Replaced), Is.False);
    }

    [Test]
    public async Task PublishAsync_DelayedJoinAfterALaterSessionCameAndWent_HasTheSmallerToken()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        long later = await JoinAsync(b, now, published: "");
        await PublishAsync(b, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now, b)]);

        long earlier = await JoinAsync(a, now - 5_000_000, published: "");

        Assert.That(earlier, Is.Positive.And.LessThan(later));
    }

    [Test]
    public async Task PublishAsync_DelayedJoinSentBeforeUnderTheSameEpoch_HasTheSmallerToken()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        long later = await JoinAsync(b, now, published: "");
        await PublishAsync(b, [new PublishedOperation(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now, b)]);

        Assert.That(await JoinAsync(a, now - 5_000_000, published: a), Is.Positive.And.LessThan(later));
    }

    [Test]
    public async Task PublishAsync_AnsweredBeforeAndEndedByAVerdict_HasTheNextToken()
    {
        string a = await OpenAsync("a");

        PublishedResult[]? results = await PublishAsync(a, [new PublishedOperation(ChangeLetters.Joined, "ann", await NowAsync() - 5_000_000, "lost1", KnownToken: 42)]);

        Assert.That(results!.Single().Token, Is.EqualTo(43), "greater than it was, and smaller than that of any later session");
    }

    [Test]
    public async Task PublishAsync_DelayedJoinThatReplaces_HasTheGreaterToken()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        long first = await JoinAsync(a, now - 5_000_000, published: "");

        Assert.That(await JoinAsync(b, now - 4_000_000, published: ""), Is.GreaterThan(first));
        long again = await JoinAsync(a, now - 3_000_000, published: "lost1"); // which has its token as of now
        Assert.That(await JoinAsync(b, now - 2_000_000, published: ""), Is.GreaterThan(again));
    }

    [Test]
    public async Task PublishAsync_HeldUnderOneOfSeveralEarlierEpochs_KeepsItsToken()
    {
        string first = await OpenAsync("a"), second = await OpenAsync("a"), third = await OpenAsync("a");
        long now = await NowAsync();
        long token = await JoinAsync(second, now, published: first); // and no answer came

        Assert.That(await JoinAsync(third, now, published: $"{first},{second}"), Is.EqualTo(token));
        Assert.That((await Sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(third));
    }

    [Test]
    public async Task PublishAsync_ReplacementThatIsToldOrMayNotBe_IsCounted()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");
        if (Kind == StoreKind.Redis) // on Garnet it is told
        {
            IServer server = Connection.GetServers()[0];
            await server.ExecuteAsync("ACL", "SETUSER", "default", "-publish");
            await Assert.ThrowsAsync<RedisServerException>(() => JoinAsync(b, now + 1, published: ""));
            await server.ExecuteAsync("ACL", "SETUSER", "default", "+publish");
        }
        else
        {
            await JoinAsync(b, now + 1, published: "");
        }

        Assert.That((await Members.CheckAsync(shard: 0, a, answered: 1)).Replaced, Is.EqualTo(1));
        Assert.That((await Sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
    }

    [Test]
    public async Task PublishAsync_ForeignValue_IsReplaced()
    {
        string a = await OpenAsync("a");
        foreach (string foreign in (string[])["something else's", "ab 1 2 3 4"])
        {
            await Connection.GetDatabase().HashSetAsync(Keys[0].Clients, "ann", foreign);

            Assert.That(await JoinAsync(a, await NowAsync(), published: ""), Is.Positive);
            Assert.That(await Connection.GetDatabase().KeyExistsAsync(Keys[0].Replaced), Is.False, "it was no session");
        }
    }

    [Test]
    public async Task EndClaimedAsync_AfterItsDeadline_EndsNobody()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        await JoinAsync(dead, await NowAsync(), published: "");
        List<Claim> claims = await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).Distinct().ToListAsync();

        Assert.That(await Takeovers.EndClaimedAsync(me, claims, deadline: await NowAsync() - 1), Is.Null);
        Assert.That(await Sessions.CountAsync(), Is.EqualTo(1));
        Assert.That(await Takeovers.EndClaimedAsync(me, claims, deadline: await NowAsync() + 30_000_000), Has.Count.EqualTo(1));
        Assert.That(await Sessions.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task TryOpenAsync_TooLate_DoesNotOpen()
    {
        string epoch = await Members.RegisterAsync(TimeSpan.FromMinutes(1), "a", oldEpoch: "");

        Assert.That(await Members.TryOpenAsync(epoch, TimeSpan.FromSeconds(-1)), Is.False);
        Assert.That(await PublishAsync(epoch, await NowAsync(), published: ""), Is.Null);
    }

    [Test]
    public async Task RegisterAsync_ManyAtOnceInTwoDatabases_GivesEachAnEpochOfItsOwn()
    {
        var other = new MemberStore(Connection.GetDatabase(1), new StoreScripts(Connection.GetDatabase(1)), Keys, new StoreClock(TimeProvider.System), TimeProvider.System);

        await OpenAsync("first"); // so that the script is known
        string[] epochs = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? Members : other).RegisterAsync(TimeSpan.FromMinutes(1), "a", oldEpoch: "")));

        Assert.That(epochs, Is.Unique);
    }

    [Test]
    public async Task RenewAsync_ForeignFields_PassesThemOver()
    {
        string epoch = await OpenAsync("a");
        await Connection.GetDatabase().HashSetAsync(Keys.Servers, "foreign", "");
        await Connection.GetDatabase().HashSetAsync(Keys.Dead, "foreign", "nonsense");

        Assert.That((await Members.RenewAsync(TimeSpan.FromMinutes(1), epoch))?.Duties, Is.Empty);
    }

    [Test]
    public async Task LeaveAsync_Last_LetsTheNextUseOtherShards()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        var others = new MemberStore(Connection.GetDatabase(), Scripts, new StoreKeys(Prefix, shards: 4), new StoreClock(TimeProvider.System), TimeProvider.System);
        await Members.LeaveAsync(a, isUnfinished: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => others.RegisterAsync(TimeSpan.FromMinutes(1), "c", oldEpoch: ""));

        await Members.LeaveAsync(b, isUnfinished: false);

        Assert.That(await others.RegisterAsync(TimeSpan.FromMinutes(1), "c", oldEpoch: ""), Is.Not.Empty);
    }

    [Test]
    public async Task ClaimAsync_StoreGivesAllAtOnce_ClaimsAll()
    {
        if (Kind == StoreKind.Redis)
        {
            await Connection.GetServers()[0].ConfigSetAsync("hash-max-listpack-entries", "100000"); // then a cursor gives the whole hash
        }

        const int Clients = 5000;
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        foreach (string[] ids in Enumerable.Range(0, Clients).Select(i => $"client{i}").Chunk(250))
        {
            await PublishAsync(dead, [.. ids.Select(id => new PublishedOperation(ChangeLetters.Joined, id, Stamp: 1000, ""))]);
        }

        Assert.That((await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).ToListAsync()).Distinct().Count(), Is.EqualTo(Clients));
    }

    [Test]
    public async Task RegisterAsync_OldEpochLives_IsLeftToTheNewOne()
    {
        string old = await OpenAsync("a");

        string epoch = await Members.RegisterAsync(Minute, "a", old);

        Assert.That(await Members.RenewAsync(Minute, old), Is.Null);
        Assert.That((await Members.RenewAsync(Minute, epoch))?.Duties, Is.EqualTo([old]));
        Assert.That((await Members.ReadAsync()).Select(server => (server.Epoch, server.Name, server.IsDead)), Is.EquivalentTo([(epoch, "a", false), (old, "a", true)]));
    }

    [Test]
    public async Task Register_EpochOfAnother_IsTaken()
    {
        string living = await OpenAsync("a"), dead = await OpenAsync("b"), next = await Members.RegisterAsync(Minute, "b", dead);

        foreach (string epoch in (string[])[living, dead, next])
        {
            var answer = (RedisResult[])(await Scripts.RunAsync(StoreScripts.Register, [Keys.Servers, Keys.Leases, Keys.Dead], [60_000_000, "c", 1, epoch, ""]))!;
            Assert.That((string?)answer[0], Is.EqualTo("TAKEN"));
        }
    }

    [Test]
    public async Task RegisterAsync_StoreIsEmpty_FindsNobodyDeadForALease()
    {
        await OpenAsync("a");

        Assert.That((await Members.RenewAsync(Minute, await OpenAsync("b")))?.Amnesty, Is.GreaterThan(Minute / 2));
    }

    [Test]
    public async Task TryOpenAsync_Again_KeepsWhatWasWritten()
    {
        string a = await OpenAsync("a");
        await PublishAsync(a, await NowAsync(), published: "");

        await Members.TryOpenAsync(a, Minute);

        Assert.That((await Members.CheckAsync(shard: 0, a, answered: 1)).IsKnown);
        Assert.That((await Members.CheckAsync(shard: 0, a, answered: 2)).IsKnown, Is.False);
        Assert.That(await Sessions.PublishAsync(shard: 0, a, batch: 3, answered: 2, []), Is.EqualTo(((PublishedResult[]?)null, Refusal.EpochLost)));
    }

    [Test]
    public async Task RenewAsync_LeaseHasLapsed_TakesTheDeadOverUnlessTheStoreWasAway()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        await LapseAsync(a);
        Assert.That((await Members.RenewAsync(Minute, b))?.Duties, Is.Empty, "for a lease after the store was empty");
        await Connection.GetDatabase().HashSetAsync(Keys.Servers, ".amnesty", "0");
        await Connection.GetDatabase().HashSetAsync(Keys.Servers, ".seen", $"{await NowAsync() - 40_000_000}");
        Assert.That((await Members.RenewAsync(Minute, b))?.Duties, Is.Empty, "nobody renewed for more than half a lease");
        await Connection.GetDatabase().HashSetAsync(Keys.Servers, ".amnesty", "0");

        Assert.That((await Members.RenewAsync(Minute, b))?.Duties, Is.EqualTo([a]));
        Assert.That(await Members.RenewAsync(Minute, a), Is.Null);
    }

    [Test]
    public async Task RenewAsync_ClaimerLives_LeavesItsDutiesToItUntilItDies()
    {
        string dead = await OpenAsync("dead"), claimer = await Members.RegisterAsync(Minute, "dead", dead), other = await OpenAsync("other");
        Assert.That((await Members.RenewAsync(Minute, other))?.Duties, Is.Empty);
        await LapseAsync(claimer);
        await Connection.GetDatabase().HashSetAsync(Keys.Servers, ".amnesty", "0");

        Assert.That((await Members.RenewAsync(Minute, other))?.Duties, Is.EquivalentTo([dead, claimer]));
        await Members.ForgetAsync(claimer, dead);
        Assert.That(await Members.ReadAsync(), Has.Count.EqualTo(3), "only the claimer has it forgotten");
        await Members.ForgetAsync(other, dead);
        Assert.That(await Members.ReadAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Adopt_EpochsThatAreKnown_LeavesThemAlone()
    {
        string dead = await OpenAsync("dead"), claimer = await Members.RegisterAsync(Minute, "dead", dead), a = await OpenAsync("a");
        RedisKey[] all = [Keys.Servers, Keys.Leases, Keys.Dead];

        Assert.That((int)await Scripts.RunAsync(StoreScripts.Adopt, all, [a, dead, claimer, a]), Is.Zero);
        Assert.That((int)await Scripts.RunAsync(StoreScripts.Adopt, all, ["nobody", "orphan"]), Is.Zero);
        Assert.That((int)await Scripts.RunAsync(StoreScripts.Adopt, all, [a, "orphan"]), Is.EqualTo(1));
        Assert.That((await Members.RenewAsync(Minute, a))?.Duties, Is.EqualTo(["orphan"]));
    }

    [Test]
    public async Task LeaveAsync_SomethingIsLeft_KeepsTheServers()
    {
        string dead = await OpenAsync("dead"), claimer = await Members.RegisterAsync(Minute, "dead", dead);

        await Members.LeaveAsync(claimer, isUnfinished: false);
        await Members.LeaveAsync("nobody", isUnfinished: true);

        Assert.That(await Connection.GetDatabase().KeyExistsAsync(Keys.Servers));
        Assert.That(await Connection.GetDatabase().SortedSetLengthAsync(Keys.Leases), Is.Zero);
    }

    [Test]
    public async Task PublishAsync_EpochThatIsNotOpen_IsRefused()
    {
        string epoch = await Members.RegisterAsync(Minute, "a", oldEpoch: "");

        Assert.That(await PublishAsync(epoch, await NowAsync(), published: ""), Is.Null);
    }

    [Test]
    public async Task PublishAsync_SameJoinAgain_GivesTheSame()
    {
        string a = await OpenAsync("a");
        long now = await NowAsync();
        long token = await JoinAsync(a, now, published: "");

        Assert.That(await JoinAsync(a, now, published: a), Is.EqualTo(token));
    }

    [Test]
    public async Task PublishAsync_EndOfAnEarlierSessionOrOfAnothers_EndsNothing()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");
        PublishedOperation end = new(ChangeLetters.OfEnd(PresenceChanges.Left), "ann", now - 1, a);

        await PublishAsync(a, [end]);
        await PublishAsync(b, [end with { Stamp = now + 1, PublishedEpochs = b }]);

        Assert.That(await Sessions.CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Claimer_LostItsEpoch_MayDoNothing()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me"), other = await OpenAsync("other");
        await JoinAsync(dead, await NowAsync(), published: "");
        List<Claim> claims = await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).Distinct().ToListAsync();
        await Takeovers.ClaimAsync(other, me, isOwn: false, CancellationToken.None).CountAsync();

        await Assert.ThrowsAsync<EpochLostException>(() => Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).CountAsync().AsTask());
        await Assert.ThrowsAsync<EpochLostException>(() => Takeovers.InheritAsync(me, dead, CancellationToken.None).CountAsync().AsTask());
        await Assert.ThrowsAsync<EpochLostException>(() => Takeovers.EndClaimedAsync(me, claims, long.MaxValue / 1000));
        Assert.That((await Sessions.FindAsync("ann"))?.Holder, Is.EqualTo(dead), "whoever claims it, it was that one's");
    }

    [Test]
    public async Task Claimed_Judged_AreOwedByTheOneThatJudged()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me"), other = await OpenAsync("other");
        await JoinAsync(dead, await NowAsync(), published: "");
        List<Claim> claims = await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).Distinct().ToListAsync();
        long later = await NowAsync() + 60_000_000;
        Assert.That(await Takeovers.EndClaimedAsync(other, claims, later), Is.Empty, "it has not claimed them");
        Assert.That(await Takeovers.EndClaimedAsync(me, [claims[0] with { Stamp = 1 }], later), Is.Empty, "another session");

        Assert.That(await Takeovers.EndClaimedAsync(me, claims, later), Has.Count.EqualTo(1));
        Assert.That(await Takeovers.EndClaimedAsync(me, claims, later), Has.Count.EqualTo(1), "the same again gives the same");
        Assert.That(await Takeovers.EndClaimedAsync(other, claims, later), Is.Empty);
        Assert.That(await Takeovers.InheritAsync(other, dead, CancellationToken.None).CountAsync(), Is.Zero, "the claimer owes them, and lives");
        Assert.That(await Takeovers.InheritAsync(other, me, CancellationToken.None).Distinct().CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task ClaimAsync_OwnSessionsAndOwnEarlierClaims_AreTreatedAsWhatTheyAre()
    {
        string dead = await OpenAsync("dead"), old = await OpenAsync("me"), me = await OpenAsync("me");
        await PublishManyAsync(dead, ChangeLetters.Joined, "dead", 1, published: "");
        await PublishManyAsync(old, ChangeLetters.Joined, "old", 1, published: "");
        await PublishManyAsync(me, ChangeLetters.Joined, "own", 1, published: "");
        await Takeovers.ClaimAsync(old, dead, isOwn: false, CancellationToken.None).CountAsync();

        List<Claim> claims = await Takeovers.ClaimAsync(me, old, isOwn: true, CancellationToken.None).Distinct().ToListAsync();

        Assert.That(claims.Select(claim => (string?)claim.StoredClientId), Is.EqualTo(["dead0"]), "what it had claimed it claims; what was its own has left; what is its own stays");
        Assert.That(await Sessions.CountAsync(), Is.EqualTo(2));
        Assert.That(await Takeovers.EndClaimedAsync(me, [new Claim(0, "own0", Stamp: 1000, Token: 1)], await NowAsync() + 60_000_000), Is.Empty);
    }

    [Test]
    public async Task ClaimAsync_DeadEpoch_MayWriteNoMore()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).CountAsync();

        Assert.That(await PublishAsync(dead, await NowAsync(), published: ""), Is.Null);
    }

    [Test]
    public async Task SendAsync_ClientInItsGrace_IsFalse()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        await JoinAsync(dead, await NowAsync(), published: "");
        Assert.That(await Sessions.SendAsync("ann", new byte[1]));

        await Takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).CountAsync();

        Assert.That(await Sessions.SendAsync("ann", new byte[1]), Is.False);
    }
}
