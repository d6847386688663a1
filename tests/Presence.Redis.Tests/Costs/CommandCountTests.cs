using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Costs;

/// <summary>What servers ask of the store, as the store counts it.</summary>
[TestFixture]
[Category("BeyondSdk")]
public class CommandCountTests
{
    private RedisStore _store = null!;
    private StoreStatistics _statistics = null!;
    private readonly List<TestServer> _servers = [];

    [SetUp]
    public async Task StartAsync()
    {
        RedisProcess.RequireInstalled();
        _store = await RedisStore.StartAsync();
        _statistics = await StoreStatistics.OfAsync(_store.Configuration);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
        _servers.Clear();
        await (_statistics?.DisposeAsync() ?? default); // null if there is no redis-server
        await (_store?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task Heartbeats_WithoutJoinsOrLeaves_CostTheStoreNothing()
    {
        // The default lease, and a tenth of it where a test must be short: then ten times as many commands are as few.
        TimeSpan defaultLease = new RedisPresenceOptions().Lease;
        TimeSpan lease = defaultLease / TestScale.Of(10, 1);
        const int Servers = 4;
        const int Clients = 1000;
        for (int i = 0; i < Servers; i++)
        {
            TestServer server = await TestServer.StartAsync(_store, "count", $"s{i}", options => options.Lease = lease);
            _servers.Add(server);
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => server.JoinAsync($"{i}-{client}")));
        }

        await _statistics.ResetAsync();
        long started = TimeProvider.System.GetTimestamp();
        long beats = 0;
        while (TimeProvider.System.GetElapsedTime(started) < lease * 4)
        {
            foreach (TestServer server in _servers)
            {
                for (int client = 0; client < Clients; client++)
                {
                    beats += server.Tracker.Heartbeat($"{_servers.IndexOf(server)}-{client}") ? 1 : 0;
                }
            }

            await Task.Yield();
        }

        CommandCounts counts = await _statistics.CountAsync();
        double perSecond = 1 / TimeProvider.System.GetElapsedTime(started).TotalSeconds / Servers * (lease / defaultLease);
        await TestContext.Out.WriteLineAsync(FormattableString.Invariant(
            $"{beats:n0} heartbeats, lease {lease.TotalSeconds} s; by server and second, at a lease of {defaultLease.TotalSeconds} s: {counts.Sent * perSecond:0.00} commands sent, {counts.All * perSecond:0.00} run with those in scripts ({counts})"));
        Assert.That(beats, Is.GreaterThan(100_000));
        Assert.That(counts.All, Is.Positive);
        Assert.That(counts.Sent * perSecond, Is.LessThanOrEqualTo(0.5), "a renewal and a check of the shard, three times a lease each");
        Assert.That(counts.All * perSecond, Is.LessThanOrEqualTo(2.2), "each of those is a script of some commands");
    }

    [Test]
    public async Task JoinsAndLeaves_OneByOne_AreACommandEach()
    {
        const int Clients = 100;
        TestServer server = await StartOneAsync();
        await _statistics.ResetAsync();

        for (int i = 0; i < Clients; i++)
        {
            await server.JoinAsync($"c{i}");
        }

        CommandCounts joins = await _statistics.CountAsync();
        await _statistics.ResetAsync();
        for (int i = 0; i < Clients; i++)
        {
            server.Tracker.Leave($"c{i}");
            await Eventually.Is(async () => await server.Cluster.CountAsync() == Clients - i - 1, "the leave is published");
        }

        CommandCounts leaves = await _statistics.CountAsync();
        await ReportAsync("one by one", Clients, joins, leaves);
        Assert.That(joins.Sent, Is.InRange(Clients, 2 * Clients));
        Assert.That(leaves.Sent, Is.InRange(Clients, 2 * Clients));
    }

    [Test]
    public async Task JoinsAndLeaves_ManyAtOnce_AreFewCommands()
    {
        const int Clients = 20_000;
        TestServer server = await StartOneAsync();
        await _statistics.ResetAsync();

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => server.JoinAsync($"c{i}")));
        CommandCounts joins = await _statistics.CountAsync();
        await _statistics.ResetAsync();
        for (int i = 0; i < Clients; i++)
        {
            server.Tracker.Leave($"c{i}");
        }

        await Eventually.Is(async () => await server.Cluster.CountAsync() == 0, "all leaves are published");
        CommandCounts leaves = await _statistics.CountAsync();
        await ReportAsync("many at once", Clients, joins, leaves);
        Assert.That(joins.All, Is.LessThanOrEqualTo(2 * Clients));
        Assert.That(leaves.All, Is.LessThanOrEqualTo(2 * Clients));
    }

    [Test]
    public async Task Heartbeats_ThatComeToOtherServers_AreFewCommandsForMany()
    {
        const int Clients = 5_000;
        TestServer owner = await StartOneAsync(), other = await StartOneAsync();
        string[] ids = [.. Enumerable.Range(0, Clients).Select(i => $"c{i}")];
        await Task.WhenAll(ids.Select(id => owner.JoinAsync(id)));
        await _statistics.ResetAsync();

        bool[] held = await Task.WhenAll(ids.Select(id => other.Cluster.HeartbeatAsync(id)));

        CommandCounts counts = await _statistics.CountAsync();
        TimeSpan time = await _statistics.ReadTimeAsync("hmget", "publish");
        await TestContext.Out.WriteLineAsync(FormattableString.Invariant($"{Clients} heartbeats for another server: {counts}; {time.TotalMicroseconds / Clients:0.00} us of the store for each"));
        Assert.That(held, Is.All.True);
        Assert.That(counts.All, Is.LessThanOrEqualTo(20), "a look-up and a message for each thousand, and renewals");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Joins_InTwoGroups_AreAtMostTwiceTheCommandsOfThoseInNone(bool hasCallback)
    {
        const int Clients = 100;
        await using StackExchange.Redis.ConnectionMultiplexer connection = await _store.ConnectAsync();
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        await using var cluster = new RedisPresenceCluster(tracker, new RedisPresenceOptions { Connection = connection });
        using IDisposable? registration = hasCallback ? cluster.Groups.OnChange(_ => default) : null;
        await cluster.StartAsync();
        await cluster.WhenRegisteredAsync();
        await CountAsync(1, i => ($"first{i}", [])); // so that the script is known

        CommandCounts bare = await CountAsync(Clients, i => ($"bare{i}", [])), inGroups = await CountAsync(Clients, i => ($"c{i}", [$"user:{i}", "room"]));

        await TestContext.Out.WriteLineAsync(FormattableString.Invariant(
            $"awaited joins, with callbacks for edges: {hasCallback}: in no group {(double)bare.Sent / Clients:0.00} commands sent, {(double)bare.All / Clients:0.00} run; in two {(double)inGroups.Sent / Clients:0.00} and {(double)inGroups.All / Clients:0.00} ({inGroups})"));
        Assert.That(inGroups.Sent, Is.LessThanOrEqualTo(((hasCallback ? 2 : 1) * Clients) + 20), "the join, and that its callback has run");

        async Task<CommandCounts> CountAsync(int clients, Func<int, (string Id, string[] Groups)> of)
        {
            await _statistics.ResetAsync();
            for (int i = 0; i < clients; i++)
            {
                (string id, string[] groups) = of(i);
                await cluster.WhenPublishedAsync(id, tracker.Join(id, new JoinOptions { Groups = groups }).Session);
            }

            return await _statistics.CountAsync();
        }
    }

    private async Task<TestServer> StartOneAsync()
    {
        TestServer server = await TestServer.StartAsync(_store, "count", "a", options => options.Lease = TimeSpan.FromSeconds(15));
        _servers.Add(server);
        return server;
    }

    private static Task ReportAsync(string how, int count, CommandCounts joins, CommandCounts leaves) => TestContext.Out.WriteLineAsync(FormattableString.Invariant(
        $"{how}: a join is {(double)joins.Sent / count:0.000} commands sent, {(double)joins.All / count:0.000} run with those in scripts ({joins}); a leave {(double)leaves.Sent / count:0.000} and {(double)leaves.All / count:0.000} ({leaves})"));
}
