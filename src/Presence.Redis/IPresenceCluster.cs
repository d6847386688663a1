namespace Presence.Redis;

/// <summary>Who is online on any of the servers that share a store, and what happens to them.</summary>
/// <remarks>
/// <para>The answers are the store's: a join or an end on a server is in them once that server has published it, within milliseconds while
/// the store can be reached. Heartbeats and suspicions are not: the server that holds a client's connection is its only judge.</para>
/// <para>Every member that asks the store throws what StackExchange.Redis throws when the store cannot be reached
/// (<see cref="StackExchange.Redis.RedisException"/>, <see cref="TimeoutException"/>); the tracker goes on without it.</para>
/// <para>Thread safety: every member may be called from any thread, also from a callback.</para>
/// </remarks>
public interface IPresenceCluster
{
    /// <summary>The name under which this server is known to the others: <see cref="RedisPresenceOptions.ServerName"/>.</summary>
    string ServerName { get; }

    /// <summary>Whether this server's part in the cluster works, by what it last tried.</summary>
    ClusterHealth Health { get; }

    /// <summary>The groups that sessions of all servers are in: users with several devices, rooms, tenants.</summary>
    IClusterGroups Groups { get; }

    /// <summary>Finds a client on whatever server it is.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The client, or null if it is online nowhere. Costs one command.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<ClusterClient?> FindAsync(string clientId, CancellationToken cancellationToken = default);

    /// <summary>Finds many clients at once.</summary>
    /// <param name="clientIds">The clients. One that is named twice is asked for twice.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that are online, by their ids. Costs one command for each thousand of a shard.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="clientIds"/> is null.</exception>
    /// <exception cref="ArgumentException">One of <paramref name="clientIds"/> is null or empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyDictionary<string, ClusterClient>> FindManyAsync(IEnumerable<string> clientIds, CancellationToken cancellationToken = default);

    /// <summary>Counts a heartbeat for a client on whatever server holds it, as where a load balancer spreads the requests of one client over all servers.</summary>
    /// <param name="clientId">The client, whose session it counts for, whichever that is.</param>
    /// <param name="cancellationToken">Ends the wait, not the heartbeat.</param>
    /// <returns>
    /// Whether a server holds the client: false if it is online nowhere, or only in its grace, and has to log in again. If this server holds it that is known at once, and costs no command. Else it is
    /// gathered for <see cref="RedisPresenceOptions.ForwardInterval"/>, and with all others of that time costs one command for each thousand of a shard, and one for each server that holds some. It
    /// arrives at most once; one that takes longer than a third of the <see cref="RedisPresenceOptions.Lease"/> from server to server does not count.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<bool> HeartbeatAsync(string clientId, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the server that holds a client, for the callbacks that <see cref="OnMessage"/> registered there.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="content">The message, up to 64 KiB.</param>
    /// <param name="cancellationToken">Ends the wait, not the message.</param>
    /// <returns>
    /// Whether a server holds the client: false if it is online nowhere, or only in its grace. True is no receipt: a message arrives at most once, and is lost with a
    /// connection, with its server, or if the client leaves meanwhile. Costs one command.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="content"/> is longer than 65,536 bytes.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<bool> SendAsync(string clientId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Registers a callback for messages to clients of this server.</summary>
    /// <param name="callback">Gets them one after another, in the order of each sender. One that throws is logged. While it is slow others wait, up to 10,000; further ones are dropped and counted.</param>
    /// <returns>Ends the registration when disposed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    IDisposable OnMessage(Func<ClusterMessage, ValueTask> callback);

    /// <summary>Counts the clients that are online on any server, those of a lost server in their grace included.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many. Costs one command per shard, whatever the number.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<long> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads who is online on any server, a page at a time as it is enumerated.</summary>
    /// <param name="pageSize">About how many clients to read with one command, 1 to 10,000.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Each client that is online throughout, at least once: one may come twice while many join. In no order.
    /// On Garnet one may be missing if others leave meanwhile.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pageSize"/> is out of range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    IAsyncEnumerable<ClusterClient> ReadClientsAsync(int pageSize = 1000, CancellationToken cancellationToken = default);

    /// <summary>Reads the servers that the store knows: those that live, and those whose clients are being taken over.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A list of the caller's own, in no order. Costs one command.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyList<ClusterServer>> ReadServersAsync(CancellationToken cancellationToken = default);

    /// <summary>Starts to read what happens to sessions on all servers, for one reader.</summary>
    /// <param name="kinds">Which of <see cref="PresenceChanges.Joined"/>, <see cref="PresenceChanges.Ended"/> and
    /// <see cref="PresenceChanges.ServerLost"/>, and, of groups, <see cref="PresenceChanges.Occupied"/> and <see cref="PresenceChanges.Vacated"/>; suspicions stay on their server.</param>
    /// <param name="capacity">How many changes are kept for the reader, 1 or more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// Once the task completes, every change from then on, in order for each client id and each group. If one is lost on the way (the reader fell behind, or the
    /// connection was lost), the stream ends with a <see cref="ChangesLostException"/>: start to read again, then take
    /// <see cref="ReadClientsAsync"/> anew. Enumerate it once, and dispose of the enumerator to end it.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="kinds"/> is none or has another flag, or <paramref name="capacity"/> is under 1.</exception>
    /// <exception cref="NotSupportedException"><paramref name="kinds"/> has one of groups, and there is more than one of <see cref="RedisPresenceOptions.Shards"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IAsyncEnumerable<ClusterChange>> ReadChangesAsync(PresenceChanges kinds, int capacity = 10_000, CancellationToken cancellationToken = default);

    /// <summary>Waits until the store knows a session of this server's tracker, and gives its fencing token.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="session">Its session, as the join gave it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The token: greater than that of any earlier session of the client. Null if the session ended first, or was replaced by a newer one on
    /// another server. A session that outlives a loss of this server's lease may get a new token; ask again when that matters.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<long?> WhenPublishedAsync(string clientId, SessionId session, CancellationToken cancellationToken = default);
}
