using StackExchange.Redis;

namespace Presence.Redis;

/// <summary>How a server takes part in a cluster. All servers of a cluster use the same <see cref="KeyPrefix"/> and <see cref="Shards"/>.</summary>
/// <remarks>Thread safety: none; options are copied where they are used.</remarks>
public sealed class RedisPresenceOptions
{
    /// <summary>The shortest <see cref="Lease"/>, 1 second: a renewal must survive a pause for garbage collection and a store's fsync.</summary>
    public static readonly TimeSpan MinLease = TimeSpan.FromSeconds(1);

    /// <summary>The longest <see cref="Lease"/> and <see cref="Grace"/>, 1 hour.</summary>
    public static readonly TimeSpan MaxLease = TimeSpan.FromHours(1);

    /// <summary>The longest <see cref="ForwardInterval"/>, 10 seconds.</summary>
    public static readonly TimeSpan MaxForwardInterval = TimeSpan.FromSeconds(10);

    /// <summary>The most <see cref="Shards"/>, 1,024.</summary>
    public const int MaxShards = 1024;

    /// <summary>The most bytes of a <see cref="PublishedState"/>, 256.</summary>
    public const int MaxState = 256;

    /// <summary>Where the store is, and authentication, TLS and database, in StackExchange.Redis' own terms. Not used if <see cref="Connection"/> is set.</summary>
    public ConfigurationOptions? Configuration { get; set; }

    /// <summary>The host's own connection, which it keeps and disposes of; null to connect by <see cref="Configuration"/>.</summary>
    public IConnectionMultiplexer? Connection { get; set; }

    /// <summary>What the names of all keys and channels start with: 1 to 64 printable ASCII characters without braces or spaces. Default <c>presence</c>.</summary>
    public string KeyPrefix { get; set; } = "presence";

    /// <summary>
    /// A name for this server, for people and for the host's own routing: 1 to 128 printable ASCII characters without spaces. Default: the machine's name and the process id.
    /// The store does not tell servers apart by it.
    /// </summary>
    public string ServerName { get; set; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>
    /// Over how many keys the clients are spread, 1 to <see cref="MaxShards"/>. Default 1, right for one store process; in a Redis Cluster, some four per master.
    /// </summary>
    public int Shards { get; set; } = 1;

    /// <summary>
    /// For how long the others believe that this server lives, from each renewal on; it renews three times as often. <see cref="MinLease"/> to
    /// <see cref="MaxLease"/>, default 15 seconds.
    /// </summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// For how long the clients of a lost server may log in again before their sessions end as <see cref="PresenceChanges.ServerLost"/>. 0 to
    /// <see cref="MaxLease"/>, default 10 seconds.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a server that stops in good order hands its clients over: they stay online for the <see cref="Grace"/>, and only those who have not logged in again by then end, as
    /// <see cref="PresenceChanges.ServerLost"/> on one of the others. Default true. False, or if it is the last server, ends them at once as <see cref="PresenceChanges.Shutdown"/>.
    /// </summary>
    public bool HandOver { get; set; } = true;

    /// <summary>
    /// For how long <see cref="IPresenceCluster.HeartbeatAsync"/> gathers heartbeats for clients of other servers, to send them in one message for each server; a beat waits as long. 0, each
    /// at once, to <see cref="MaxForwardInterval"/>; default 1 second, a tick.
    /// </summary>
    public TimeSpan ForwardInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What all servers see of a session, as <see cref="ClusterClient.State"/>: given the host's own object of the session, up to <see cref="MaxState"/> bytes of it, such as a device or a status text. Default
    /// null: nothing. It runs at each join and each <see cref="IPresenceTracker.SetState"/>, one at a time, and returns at once; if it throws or gives more, that is logged, and the session has no state there.
    /// </summary>
    public Func<object?, ReadOnlyMemory<byte>>? PublishedState { get; set; }

    internal RedisPresenceOptions Copy() => (RedisPresenceOptions)MemberwiseClone();
}
