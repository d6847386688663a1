namespace Presence;

/// <summary>How a session starts. The default is what a join without options does.</summary>
/// <remarks>Thread safety: immutable; one object serves any number of joins.</remarks>
public sealed record JoinOptions
{
    /// <summary>The host's own object for this session, handed back when it ends. Default null.</summary>
    public object? State { get; init; }

    /// <summary>
    /// Ticks without a heartbeat that the session survives, or the time, from 1 tick to <see cref="PresenceOptions.MaxExpireAfter"/>. Default null, which is
    /// <see cref="PresenceOptions.ExpireAfter"/>.
    /// </summary>
    public TickSpan? ExpireAfter { get; init; }

    /// <summary>
    /// The session that this one replaces: the join succeeds only if that is the client's at this very moment, and fails if the client is offline or has another. For a client that
    /// resumes under its own name, while a stranger is refused. Default null: none is named. Only for <c>TryJoin</c>.
    /// </summary>
    /// <remarks>A <see cref="SessionId"/> is a name and not a secret: see that who names it is the client that had it, for instance by the session's key.</remarks>
    public SessionId? Replaces { get; init; }

    /// <summary>
    /// Groups that the session enters as it starts, each of 1 to <see cref="PresenceOptions.MaxGroupLength"/> UTF-16 code units. If it replaces a session that is in one of them, that group is occupied
    /// throughout. Default none. See <see cref="IPresenceTracker.Groups"/>.
    /// </summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>
    /// The linger of these groups from now on, in ticks, from 0 to <see cref="PresenceOptions.MaxExpireAfter"/>. Default null, which leaves it; a new group has <see cref="PresenceOptions.GroupLinger"/>.
    /// </summary>
    public int? Linger { get; init; }
}
