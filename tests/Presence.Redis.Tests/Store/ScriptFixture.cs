using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

/// <summary>Tests of the scripts by what calls them, with no server around.</summary>
public abstract class ScriptFixture(StoreKind kind) : StoreFixture(kind)
{
    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _batches = [];

    internal RecordedEdges Edges { get; private set; } = null!;

    private protected StoreScripts Scripts { get; private set; } = null!;

    private protected ConnectionMultiplexer Connection { get; private set; } = null!;

    private protected StoreKeys Keys { get; private set; } = null!;

    private protected SessionStore Sessions { get; private set; } = null!;

    private protected MemberStore Members { get; private set; } = null!;

    private protected TakeoverStore Takeovers { get; private set; } = null!;

    private protected HoldStore Holds { get; private set; } = null!;

    [SetUp]
    public async Task ConnectAsync() => Use(await OpenConnectionAsync(), script => script);

    internal Task<ConnectionMultiplexer> OpenConnectionAsync() => Store.ConnectAsync();

    /// <summary>Starts anew, under new names.</summary>
    /// <param name="connection">The connection to use.</param>
    /// <param name="mutate">What to run in place of a script.</param>
    internal void Use(ConnectionMultiplexer connection, Func<string, string> mutate)
    {
        _batches.Clear();
        Edges = new RecordedEdges();
        Connection = connection;
        Keys = new StoreKeys($"t{Guid.NewGuid():N}"[..12], shards: 1);
        IDatabase database = MutatedDatabase.Of(Connection.GetDatabase(), mutate);
        StoreScripts scripts = Scripts = new StoreScripts(database);
        var clock = new StoreClock(TimeProvider.System);
        Sessions = new SessionStore(database, scripts, Keys, clock, Edges, TimeProvider.System);
        Members = new MemberStore(database, scripts, Keys, clock, TimeProvider.System);
        Takeovers = new TakeoverStore(scripts, Keys, Edges);
        Holds = new HoldStore(database, scripts, Keys, Edges);
    }

    [TearDown]
    public ValueTask DisconnectAsync() => Connection?.DisposeAsync() ?? default;

    private protected Task<bool> LapseAsync(string epoch) => Connection.GetDatabase().SortedSetAddAsync(Keys.Leases, epoch, 1);

    private protected string Prefix => ((string)Keys.Servers!)[1..^"}:servers".Length];

    private protected Task<PublishedResult[]?> PublishManyAsync(string epoch, RedisValue kind, string prefix, int count, string published) =>
        PublishAsync(epoch, [.. Enumerable.Range(0, count).Select(i => new PublishedOperation(kind, $"{prefix}{i}", Stamp: 1000, published))]);

    private protected async Task<string> OpenAsync(string name)
    {
        string epoch = await Members.RegisterAsync(TimeSpan.FromMinutes(1), name, oldEpoch: "");
        Assert.That(await Members.TryOpenAsync(epoch, TimeSpan.FromSeconds(30)));
        return epoch;
    }

    private protected async Task<long> JoinAsync(string epoch, long stamp, string published) =>
        (await PublishAsync(epoch, stamp, published))!.Single().Token;

    private protected Task<PublishedResult[]?> PublishAsync(string epoch, long stamp, string published) =>
        PublishAsync(epoch, [new PublishedOperation(ChangeLetters.Joined, "ann", stamp, published)]);

    private protected async Task<PublishedResult[]?> PublishAsync(string epoch, PublishedOperation[] operations, params string[] lingering)
    {
        long batch = _batches[epoch] = _batches.GetValueOrDefault(epoch) + 1;
        return (await Sessions.PublishAsync(shard: 0, epoch, batch, answered: 0, operations, lingering)).Results;
    }

    private protected async Task<long> NowAsync() =>
        (await Connection.GetServers()[0].TimeAsync()).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
