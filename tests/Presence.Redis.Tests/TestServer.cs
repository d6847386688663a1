using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Testing;
using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

/// <summary>One server of a cluster in this process: a tracker with ticks by hand, its own connection to the store, and all that it was told.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;

    private TestServer(ConnectionMultiplexer connection, RedisPresenceOptions options)
    {
        _connection = connection;
        options.Connection = connection;
        Tracker = new PresenceTracker(new PresenceOptions { MassExpiryShare = 1 }, Ticks);
        Tracker.OnChange(PresenceChanges.All, change =>
        {
            Told.Enqueue(change);
            return ValueTask.CompletedTask;
        });
        Cluster = new RedisPresenceCluster(Tracker, options, logger: Log);
        if (options.Shards == 1)
        {
            Cluster.Groups.OnChange(change =>
            {
                Edges.Enqueue(change);
                return ValueTask.CompletedTask;
            });
        }
    }

    public ManualTickSource Ticks { get; } = new();

    public PresenceTracker Tracker { get; }

    public RedisPresenceCluster Cluster { get; }

    public FakeLogger<RedisPresenceCluster> Log { get; } = new();

    public ConcurrentQueue<PresenceChange> Told { get; } = new();

    /// <summary>What it was told of groups over all servers.</summary>
    public ConcurrentQueue<ClusterGroupChange> Edges { get; } = new();

    public static async Task<TestServer> StartAsync(TestStore store, string prefix, string name, Action<RedisPresenceOptions>? configure = null, Cable? cable = null, Action<ConfigurationOptions>? connect = null)
    {
        var options = new RedisPresenceOptions
        {
            KeyPrefix = prefix,
            ServerName = name,
            Shards = store.Shards,
            Lease = TimeSpan.FromSeconds(1.5),
            Grace = TimeSpan.FromMilliseconds(300),
        };
        configure?.Invoke(options);
        var server = new TestServer(await store.ConnectAsync(cable?.EndPoint, connect), options);
        await server.Cluster.StartAsync();
        await server.Cluster.WhenRegisteredAsync().WaitAsync(Patience);
        return server;
    }

    /// <summary>Longer than anything takes that works.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Joins a client and waits until the store knows.</summary>
    public async Task<(SessionId Session, long Token)> JoinAsync(string clientId, params string[] groups)
    {
        SessionId session = Tracker.Join(clientId, new JoinOptions { State = clientId, Groups = groups }).Session;
        long? token = await Cluster.WhenPublishedAsync(clientId, session).WaitAsync(Patience);
        return (session, token ?? throw new InvalidOperationException($"{clientId} was not published."));
    }

    /// <summary>Finds a client; null also while the store cannot be reached.</summary>
    public async Task<ClusterClient?> TryFindAsync(string clientId)
    {
        try
        {
            return await Cluster.FindAsync(clientId);
        }
        catch (RedisException)
        {
            return null;
        }
    }

    /// <summary>What was told of a client, in order.</summary>
    public IEnumerable<PresenceChanges> ToldOf(string clientId) => Told.Where(change => change.ClientId == clientId).Select(change => change.Kind);

    /// <summary>Cuts it off from the store for good, as a death does for all the others can see.</summary>
    public void Die() => _connection.Dispose();

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await Tracker.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
