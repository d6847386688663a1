namespace Presence.Redis;

/// <summary>The groups of all servers together: who is in them, whichever server holds the connection. A group is entered and left in the tracker of the member's own server.</summary>
/// <remarks>
/// <para>The answers are the store's. A session's groups are in it with its join, and are taken out with its end; members on a lost server are in it for their grace. What a server's
/// tracker tells is of its own members only: a group may be vacated there and occupied here.</para>
/// <para>Every member that asks the store throws what StackExchange.Redis throws when the store cannot be reached
/// (<see cref="StackExchange.Redis.RedisException"/>, <see cref="TimeoutException"/>).</para>
/// <para>Thread safety: every member may be called from any thread, also from a callback.</para>
/// </remarks>
public interface IClusterGroups
{
    /// <summary>Counts the members of a group on all servers, those of a lost server in their grace included.</summary>
    /// <param name="group">The group.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many. Costs one command per shard, whatever the number.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null or empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<long> CountAsync(string group, CancellationToken cancellationToken = default);

    /// <summary>Which of some groups are occupied on any server: a friends' list in one call.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that are, in the order given. Costs one command per shard for each thousand.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="groups"/> is null.</exception>
    /// <exception cref="ArgumentException">One of <paramref name="groups"/> is null or empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyList<string>> OccupiedAsync(IEnumerable<string> groups, CancellationToken cancellationToken = default);

    /// <summary>Reads the members of a group on all servers, a page at a time as it is enumerated.</summary>
    /// <param name="group">The group.</param>
    /// <param name="pageSize">At most how many to read at once, 1 to 10,000; each page costs two commands.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Each session that is in the group throughout, once. In no order.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pageSize"/> is out of range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    IAsyncEnumerable<ClusterClient> ReadMembersAsync(string group, int pageSize = 1000, CancellationToken cancellationToken = default);

    /// <summary>Registers a callback for groups that become occupied or vacated over all servers. Register it on each server, before the cluster is started.</summary>
    /// <param name="callback">
    /// For each group the two alternate, with numbers that grow. Each runs on one server, the one that brought it about or has taken that one's place, at least once: should it die before the store
    /// knows that the callback returned, another runs it again with the same number. Those of one group run one after another on one server. One that throws is logged.
    /// </param>
    /// <returns>Ends the registration when disposed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="NotSupportedException">There is more than one of <see cref="RedisPresenceOptions.Shards"/>.</exception>
    IDisposable OnChange(Func<ClusterGroupChange, ValueTask> callback);
}
