using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis)]
public class PresenceStoreTests(StoreKind kind) : StoreFixture(kind)
{
    private ConnectionMultiplexer _connection = null!;
    private PresenceStore _store = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        _connection = await Store.ConnectAsync();
        _store = new PresenceStore(_connection, new StoreKeys($"t{Guid.NewGuid():N}"[..12], shards: 1), new StoreClock(TimeProvider.System), TimeProvider.System);
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
        Assert.That((await _store.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
    }

    [Test]
    public async Task PublishAsync_JoinBeforeOneThatWasPublishedFirst_IsRefused()
    {
        string a = await OpenAsync("a"), b = await OpenAsync("b");
        long now = await NowAsync();
        await JoinAsync(a, now, published: "");

        PublishedResult[]? results = await PublishAsync(b, now - 1, published: "");

        Assert.That(results, Is.EqualTo([default(PublishedResult)]));
        Assert.That((await _store.FindAsync("ann"))?.Epoch, Is.EqualTo(a));
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
        Assert.That((await _store.FindAsync("ann"))?.Epoch, Is.EqualTo(b));
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
        await foreach (Claim claim in _store.ClaimAsync(me, dead, isOwn: false, CancellationToken.None))
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

        List<Claim> claimed = await _store.ClaimAsync(me, old, isOwn: true, CancellationToken.None).ToListAsync();

        Assert.That(claimed, Is.Empty);
        Assert.That(await _store.CountAsync(), Is.Zero);
    }

    private Task<PublishedResult[]?> PublishManyAsync(string epoch, RedisValue kind, string prefix, int count, string published) => _store.PublishAsync(
        shard: 0, epoch, batch: 1, answered: 0, [.. Enumerable.Range(0, count).Select(i => new PublishedOperation(kind, $"{prefix}{i}", Stamp: 1000, published))]);

    private async Task<string> OpenAsync(string name)
    {
        string epoch = await _store.RegisterAsync(TimeSpan.FromMinutes(1), name, oldEpoch: "");
        await _store.OpenAsync(epoch);
        return epoch;
    }

    private async Task<long> JoinAsync(string epoch, long stamp, string published) =>
        (await PublishAsync(epoch, stamp, published))!.Single().Token;

    private Task<PublishedResult[]?> PublishAsync(string epoch, long stamp, string published) =>
        _store.PublishAsync(shard: 0, epoch, batch: 1, answered: 0, [new PublishedOperation(ChangeLetters.Joined, "ann", stamp, published)]);

    private async Task<long> NowAsync() =>
        (await _connection.GetServers()[0].TimeAsync()).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
