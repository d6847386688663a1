using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Documentation;

/// <summary>The examples of <c>docs/clustering.md</c>, which run here and stand there word for word.</summary>
[TestFixture(StoreKind.Garnet)]
public class SnippetTests(StoreKind kind) : StoreFixture(kind)
{
    [Test]
    public async Task Examples_TwoServers_FindReplaceAndFence()
    {
        await using ServiceProvider here = await StartAsync();
        await using ServiceProvider there = await StartAsync();
        IPresenceTracker tracker = here.GetRequiredService<IPresenceTracker>();
        IPresenceCluster cluster = here.GetRequiredService<IPresenceCluster>();
        var directory = new Dictionary<string, string>();
        var connection = new Connection();
        var database = new Database();

        // The client logged in on another server: this session has ended here, and nothing but this callback says so.
        tracker.OnChange(PresenceChanges.Replaced, change => ((Connection)change.State!).CloseAsync());

        // Now also for clients of a server that died: without a session or a state here, but with a token.
        tracker.OnClientExpired(change => change.Kind == PresenceChanges.ServerLost
            ? database.ReleaseAsync(change.ClientId, change.FencingToken)
            : ((Connection)change.State!).CloseAsync());

        SessionId session = tracker.Join("zhangsan", connection).Session;
        long? token = await cluster.WhenPublishedAsync("zhangsan", session); // null: it is over already, or there is a newer one elsewhere

        ClusterClient? found = await cluster.FindAsync("zhangsan");   // online anywhere? on which server?
        long online = await cluster.CountAsync();
        await foreach (ClusterClient client in cluster.ReadClientsAsync(pageSize: 1000))
        {
            directory[client.ClientId] = client.Server;
        }

        IReadOnlyDictionary<string, ClusterClient> friends = await cluster.FindManyAsync(["zhangsan", "lisi"]);

        cluster.OnMessage(message => ((Connection)message.State!).WriteAsync(message.Content)); // on every server, for its own clients
        bool held = await cluster.SendAsync("zhangsan", "hello"u8.ToArray());                   // false: online nowhere

        bool lives = await cluster.HeartbeatAsync("zhangsan"); // false: it has to log in again

        Assert.That(lives);
        Assert.That((friends.Keys, held), Is.EqualTo((new[] { "zhangsan" }, true)));
        Assert.That(await connection.Written.WaitAsync(TestServer.Patience), Is.EqualTo("hello"));
        Assert.That((found?.FencingToken, online, directory["zhangsan"]), Is.EqualTo((token, 1L, cluster.ServerName)));
        there.GetRequiredService<IPresenceTracker>().Join("zhangsan");
        await connection.Closed.WaitAsync(TestServer.Patience);
        await here.GetRequiredService<PresenceTracker>().TellServerLostAsync("lisi", 7);
        Assert.That(database.Released, Is.EqualTo(("lisi", 7L)));
    }

    [Test]
    public void Example_PublishedState_IsPartOfTheHostsOwn()
    {
        var redis = new RedisPresenceOptions();

        redis.PublishedState = state => ((Connection)state!).Device;

        Assert.That(redis.PublishedState(new Connection()).ToArray(), Is.EqualTo("phone"u8.ToArray()));
    }

    [Test]
    public async Task Examples_Groups_AreOfAllServers()
    {
        await using ServiceProvider here = await StartAsync();
        await using ServiceProvider there = await StartAsync();
        IPresenceCluster cluster = here.GetRequiredService<IPresenceCluster>();
        PresenceTracker tracker = there.GetRequiredService<PresenceTracker>();
        await there.GetRequiredService<IPresenceCluster>().WhenPublishedAsync("tab1", tracker.Join("tab1", new JoinOptions { Groups = ["user:lisi"] }).Session);
        var directory = new Dictionary<string, string>();
        var database = new Database();

        long devices = await cluster.Groups.CountAsync("user:lisi");
        IReadOnlyList<string> friends = await cluster.Groups.OccupiedAsync(["user:lisi", "user:wangwu"]); // a friends' list in one call
        await foreach (ClusterClient member in cluster.Groups.ReadMembersAsync("user:lisi", pageSize: 1000))
        {
            directory[member.ClientId] = member.Server;
        }

        cluster.Groups.OnChange(change => database.SetOnlineAsync(change.Group, change.Kind == PresenceChanges.Occupied, change.Number));

        Assert.That((devices, friends, directory.Keys), Is.EqualTo((1L, new[] { "user:lisi" }, new[] { "tab1" })));
        here.GetRequiredService<PresenceTracker>().Join("tab2", new JoinOptions { Groups = ["user:wangwu"] });
        await Eventually.Is(() => database.Online is ("user:wangwu", true, > 0), "it is told online");
    }

    private async Task<ServiceProvider> StartAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ITickSource>(new ManualTickSource());
        services.AddPresence().AddRedis("redis:6379");
        services.Configure<RedisPresenceOptions>(options =>
            (options.Configuration, options.KeyPrefix) = (StackExchange.Redis.ConfigurationOptions.Parse(Store.Configuration), TestContext.CurrentContext.Test.MethodName!));
        ServiceProvider provider = services.BuildServiceProvider();
        await provider.GetServices<IHostedService>().Single().StartAsync(default);
        return provider;
    }

    private sealed class Connection
    {
        private readonly TaskCompletionSource _closed = new();

        private readonly TaskCompletionSource<string> _written = new();

        public ReadOnlyMemory<byte> Device { get; } = "phone"u8.ToArray();

        public Task Closed => _closed.Task;

        public Task<string> Written => _written.Task;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> content)
        {
            _written.TrySetResult(System.Text.Encoding.UTF8.GetString(content.Span));
            return ValueTask.CompletedTask;
        }

        public ValueTask CloseAsync()
        {
            _closed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Database
    {
        public (string ClientId, long Token) Released { get; private set; }

        public (string Group, bool IsOnline, long Number) Online { get; private set; }

        public ValueTask SetOnlineAsync(string group, bool isOnline, long number)
        {
            Online = (group, isOnline, number);
            return ValueTask.CompletedTask;
        }

        public ValueTask ReleaseAsync(string clientId, long token)
        {
            Released = (clientId, token);
            return ValueTask.CompletedTask;
        }
    }
}
