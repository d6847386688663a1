using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis)]
public class ScriptTests(StoreKind kind) : StoreFixture(kind)
{
    private readonly Dictionary<string, long> _batches = [];
    private ConnectionMultiplexer _connection = null!;
    private StoreKeys _keys = null!;
    private SessionStore _sessions = null!;
    private MemberStore _members = null!;
    private TakeoverStore _takeovers = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        _connection = await Store.ConnectAsync();
        _keys = new StoreKeys($"t{Guid.NewGuid():N}"[..12], shards: 1);
        IDatabase database = _connection.GetDatabase();
        var scripts = new StoreScripts(database);
        var clock = new StoreClock(TimeProvider.System);
        _sessions = new SessionStore(database, scripts, _keys, clock, TimeProvider.System);
        _members = new MemberStore(database, scripts, _keys, clock, TimeProvider.System);
        _takeovers = new TakeoverStore(scripts, _keys);
    }

    [TearDown]
    public ValueTask DisconnectAsync() => _connection?.DisposeAsync() ?? default;

    [Test]
    public async Task PublishAsync_JoinAfterOneWhoseClockIsAhead_Replaces()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        long first = await JoinAsync(a, now + 10_000_000, published: "");

        long second = await JoinAsync(b, now + 1_000_000, published: "");

        Assert.That(second, Is.GreaterThan(first));
        Assert.That((await _sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
    }

    [Test]
    public async Task PublishAsync_JoinBeforeOneThatWasPublishedFirst_IsRefused()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");

        PublishedResult[]? results = await PublishAsync(b, now - 1, published: "");

        Assert.That(results, Is.EqualTo([default(PublishedResult)]));
        Assert.That((await _sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(a));
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
        Assert.That((await _sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
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
        await foreach (Claim claim in _takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None))
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

        List<Claim> claimed = await _takeovers.ClaimAsync(me, old, isOwn: true, CancellationToken.None).ToListAsync();

        Assert.That(claimed, Is.Empty);
        Assert.That(await _sessions.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task PublishAsync_BatchAfterALaterOne_IsRefused()
    {
        string a = await OpenAsync("a");
        PublishedOperation join = new(ChangeLetters.Joined, "ann", await NowAsync(), "");
        await _sessions.PublishAsync(shard: 0, a, batch: 2, answered: 0, [join]);
        await _sessions.PublishAsync(shard: 0, a, batch: 3, answered: 2, [join with { Kind = ChangeLetters.OfEnd(PresenceChanges.Left), PublishedEpochs = a }]);

        foreach (long late in (long[])[1, 2, 3])
        {
            Assert.That(await _sessions.PublishAsync(shard: 0, a, late, answered: 0, [join]), Is.EqualTo(((PublishedResult[]?)null, Refusal.Overtaken)));
        }

        Assert.That(await _sessions.FindAsync("ann"), Is.Null);
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
        Assert.That(await _connection.GetDatabase().KeyExistsAsync(_keys[0].Replaced), Is.False, "nothing is kept of it");
        Assert.That(await _sessions.FindAsync("ann"), Is.Null);
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
        Assert.That(await _connection.GetDatabase().KeyExistsAsync(_keys[0].Replaced), Is.False);
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
    }

    [Test]
    public async Task PublishAsync_HeldUnderOneOfSeveralEarlierEpochs_KeepsItsToken()
    {
        string first = await OpenAsync("a"), second = await OpenAsync("a"), third = await OpenAsync("a");
        long now = await NowAsync();
        long token = await JoinAsync(second, now, published: first); // and no answer came

        Assert.That(await JoinAsync(third, now, published: $"{first},{second}"), Is.EqualTo(token));
        Assert.That((await _sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(third));
    }

    [Test]
    public async Task PublishAsync_ReplacementThatIsToldOrMayNotBe_IsCounted()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");
        if (Kind == StoreKind.Redis) // on Garnet it is told
        {
            IServer server = _connection.GetServers()[0];
            await server.ExecuteAsync("ACL", "SETUSER", "default", "-publish");
            await Assert.ThrowsAsync<RedisServerException>(() => JoinAsync(b, now + 1, published: ""));
            await server.ExecuteAsync("ACL", "SETUSER", "default", "+publish");
        }
        else
        {
            await JoinAsync(b, now + 1, published: "");
        }

        Assert.That((await _members.CheckAsync(shard: 0, a, answered: 1)).Replaced, Is.EqualTo(1));
        Assert.That((await _sessions.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
    }

    [Test]
    public async Task PublishAsync_ForeignValue_IsReplaced()
    {
        string a = await OpenAsync("a");
        await _connection.GetDatabase().HashSetAsync(_keys[0].Clients, "ann", "something else's");

        Assert.That(await JoinAsync(a, await NowAsync(), published: ""), Is.Positive);
    }

    [Test]
    public async Task EndClaimedAsync_AfterItsDeadline_EndsNobody()
    {
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        await JoinAsync(dead, await NowAsync(), published: "");
        List<Claim> claims = await _takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).Distinct().ToListAsync();

        Assert.That(await _takeovers.EndClaimedAsync(me, claims, deadline: await NowAsync() - 1), Is.Null);
        Assert.That(await _sessions.CountAsync(), Is.EqualTo(1));
        Assert.That(await _takeovers.EndClaimedAsync(me, claims, deadline: await NowAsync() + 30_000_000), Has.Count.EqualTo(1));
        Assert.That(await _sessions.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task TryOpenAsync_TooLate_DoesNotOpen()
    {
        string epoch = await _members.RegisterAsync(TimeSpan.FromMinutes(1), "a", oldEpoch: "");

        Assert.That(await _members.TryOpenAsync(epoch, TimeSpan.FromSeconds(-1)), Is.False);
        Assert.That(await PublishAsync(epoch, await NowAsync(), published: ""), Is.Null);
    }

    [Test]
    public async Task RegisterAsync_ManyAtOnceInTwoDatabases_GivesEachAnEpochOfItsOwn()
    {
        var other = new MemberStore(_connection.GetDatabase(1), new StoreScripts(_connection.GetDatabase(1)), _keys, new StoreClock(TimeProvider.System), TimeProvider.System);

        await OpenAsync("first"); // so that the script is known
        string[] epochs = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? _members : other).RegisterAsync(TimeSpan.FromMinutes(1), "a", oldEpoch: "")));

        Assert.That(epochs, Is.Unique);
    }

    [Test]
    public async Task RenewAsync_ForeignFields_PassesThemOver()
    {
        string epoch = await OpenAsync("a");
        await _connection.GetDatabase().HashSetAsync(_keys.Servers, "foreign", "");
        await _connection.GetDatabase().HashSetAsync(_keys.Dead, "foreign", "nonsense");

        Assert.That((await _members.RenewAsync(TimeSpan.FromMinutes(1), epoch))?.Duties, Is.Empty);
    }

    [Test]
    public async Task LeaveAsync_Last_LetsTheNextUseOtherShards()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        var others = new MemberStore(_connection.GetDatabase(), new StoreScripts(_connection.GetDatabase()), new StoreKeys(Prefix, shards: 4), new StoreClock(TimeProvider.System), TimeProvider.System);
        await _members.LeaveAsync(a, isUnfinished: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => others.RegisterAsync(TimeSpan.FromMinutes(1), "c", oldEpoch: ""));

        await _members.LeaveAsync(b, isUnfinished: false);

        Assert.That(await others.RegisterAsync(TimeSpan.FromMinutes(1), "c", oldEpoch: ""), Is.Not.Empty);
    }

    [Test]
    public async Task ClaimAsync_StoreGivesAllAtOnce_ClaimsAll()
    {
        if (Kind == StoreKind.Redis)
        {
            await _connection.GetServers()[0].ConfigSetAsync("hash-max-listpack-entries", "100000"); // then a cursor gives the whole hash
        }

        const int Clients = 5000;
        string dead = await OpenAsync("dead"), me = await OpenAsync("me");
        foreach (string[] ids in Enumerable.Range(0, Clients).Select(i => $"client{i}").Chunk(250))
        {
            await PublishAsync(dead, [.. ids.Select(id => new PublishedOperation(ChangeLetters.Joined, id, Stamp: 1000, ""))]);
        }

        Assert.That((await _takeovers.ClaimAsync(me, dead, isOwn: false, CancellationToken.None).ToListAsync()).Distinct().Count(), Is.EqualTo(Clients));
    }

    private string Prefix => ((string)_keys.Servers!)[1..^"}:servers".Length];

    private Task<PublishedResult[]?> PublishManyAsync(string epoch, RedisValue kind, string prefix, int count, string published) =>
        PublishAsync(epoch, [.. Enumerable.Range(0, count).Select(i => new PublishedOperation(kind, $"{prefix}{i}", Stamp: 1000, published))]);

    private async Task<string> OpenAsync(string name)
    {
        string epoch = await _members.RegisterAsync(TimeSpan.FromMinutes(1), name, oldEpoch: "");
        Assert.That(await _members.TryOpenAsync(epoch, TimeSpan.FromSeconds(30)));
        return epoch;
    }

    private async Task<long> JoinAsync(string epoch, long stamp, string published) =>
        (await PublishAsync(epoch, stamp, published))!.Single().Token;

    private Task<PublishedResult[]?> PublishAsync(string epoch, long stamp, string published) =>
        PublishAsync(epoch, [new PublishedOperation(ChangeLetters.Joined, "ann", stamp, published)]);

    private async Task<PublishedResult[]?> PublishAsync(string epoch, PublishedOperation[] operations)
    {
        long batch = _batches[epoch] = _batches.GetValueOrDefault(epoch) + 1;
        return (await _sessions.PublishAsync(shard: 0, epoch, batch, answered: 0, operations)).Results;
    }

    private async Task<long> NowAsync() =>
        (await _connection.GetServers()[0].TimeAsync()).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
