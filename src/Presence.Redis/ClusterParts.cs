using Microsoft.Extensions.Logging;
using Presence.Redis.Changes;
using Presence.Redis.Groups;
using Presence.Redis.Heartbeats;
using Presence.Redis.Messages;
using Presence.Redis.Publishing;
using Presence.Redis.Store;
using Presence.Redis.Takeover;
using Presence.Redis.Telemetry;
using StackExchange.Redis;

namespace Presence.Redis;

/// <summary>What there is of a cluster once it is connected: made, started and ended together.</summary>
internal sealed class ClusterParts : IAsyncDisposable
{
    private readonly IConnectionMultiplexer _connection;
    private readonly bool _ownsConnection;
    private readonly ClientMessages _messages;
    private readonly EdgeSettler _settler;
    private readonly HoldReleaser _releaser;

    public ClusterParts(
        PresenceTracker tracker,
        RedisPresenceOptions options,
        IConnectionMultiplexer connection,
        ClientMessages messages,
        GroupHolds holds,
        EdgeCallbacks edges,
        Troubles troubles,
        TimeProvider timeProvider,
        ILogger logger,
        RedisPresenceMetrics metrics)
    {
        (_connection, _ownsConnection, _messages) = (connection, options.Connection is null, messages);
        IDatabase database = connection.GetDatabase();
        var keys = new StoreKeys(options.KeyPrefix, options.Shards, database.Database, (string?)ConfigurationOptions.Parse(connection.Configuration).ChannelPrefix ?? string.Empty);
        var clock = new StoreClock(timeProvider);
        var scripts = new StoreScripts(database);
        var claims = new TakeoverStore(scripts, keys, edges);
        var held = new HoldStore(database, scripts, keys, edges);
        var amnesty = new Amnesty(options.Lease, timeProvider);
        Sessions = new SessionStore(database, scripts, keys, clock, edges, timeProvider);
        Groups = new GroupStore(database, keys);
        Members = new MemberStore(database, scripts, keys, clock, timeProvider);
        Names = new ServerNames(Members);
        _releaser = new HoldReleaser(holds, held, edges, troubles, timeProvider, logger);
        _settler = new EdgeSettler(edges, claims, troubles, timeProvider, logger);
        var callbacks = new LostCallbacks(tracker, claims, troubles, timeProvider, logger);
        var takeovers = new Takeovers(claims, Members, amnesty, callbacks, edges, holds, held, Names, options.Grace, timeProvider, logger, metrics);
        var states = new PublishedStates(options.PublishedState, logger);
        Publisher = new Publisher(tracker, Sessions, clock, holds, states, troubles, timeProvider, logger, metrics, onEpochLost: () => Membership!.Wake());
        Forwarder = new HeartbeatForwarder(Sessions, options.ForwardInterval, timeProvider);
        var heartbeats = new ForwardedHeartbeats(tracker, clock, options.Lease / 3, timeProvider, metrics);
        var inbox = new ServerInbox(connection, keys, Publisher, messages, heartbeats, troubles, logger);
        Changes = new ClusterChangeFeed(connection, keys, Names, logger);
        var checks = new ShardChecks(Members, keys, Publisher, Changes, troubles, options.Lease, timeProvider);
        Membership = new Membership(options, connection, Members, Publisher, checks, takeovers, edges, holds, amnesty, inbox, Names, troubles, timeProvider, logger, metrics);
    }

    public SessionStore Sessions { get; }

    public HeartbeatForwarder Forwarder { get; }

    public GroupStore Groups { get; }

    public MemberStore Members { get; }

    public ServerNames Names { get; }

    public Publisher Publisher { get; }

    public ClusterChangeFeed Changes { get; }

    public Membership Membership { get; }

    public void Start()
    {
        using AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow(); // whoever starts it may be a request
        _settler.Start();
        _releaser.Start();
        Publisher.Start();
        Membership.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync().ConfigureAwait(false);
        await _messages.DisposeAsync().ConfigureAwait(false);
        await Changes.DisposeAsync().ConfigureAwait(false);
        await Membership.DisposeAsync().ConfigureAwait(false);
        await _settler.DisposeAsync().ConfigureAwait(false);
        await _releaser.DisposeAsync().ConfigureAwait(false);
        if (_ownsConnection)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
