namespace Presence;

/// <summary>Tells a callback what happened to which session.</summary>
/// <remarks>
/// When a callback runs, the client may already be online again with a newer session. So tear down what belongs to
/// <see cref="State"/> or <see cref="Session"/>, never what is merely filed under <see cref="ClientId"/>.
/// <para>Thread safety: an immutable value.</para>
/// </remarks>
public readonly record struct PresenceChange
{
    /// <summary>What happened: one flag.</summary>
    public required PresenceChanges Kind { get; init; }

    /// <summary>Whose session it is.</summary>
    public required string ClientId { get; init; }

    /// <summary>The session that it happened to; <see cref="SessionId.None"/> if it was another server's.</summary>
    public required SessionId Session { get; init; }

    /// <summary>The session's heartbeat count at that moment, in ticks; over <see cref="ExpireAfter"/> if it expired, but not if that was on short notice.</summary>
    public required int Count { get; init; }

    /// <summary>The session's limit at that moment, in ticks.</summary>
    public required int ExpireAfter { get; init; }

    /// <summary>The object that the host gave at the join of this session, or set since.</summary>
    public object? State { get; init; }

    /// <summary>
    /// The group that it happened in, for <see cref="PresenceChanges.Occupied"/>, <see cref="PresenceChanges.EnteredGroup"/>, <see cref="PresenceChanges.LeftGroup"/>,
    /// <see cref="PresenceChanges.Vacated"/>, and for <see cref="PresenceChanges.Updated"/> of a member's state; else null.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>The member's own state in <see cref="Group"/>, if it has one.</summary>
    public object? GroupState { get; init; }

    /// <summary>
    /// How long before the tracker's last tick the client was last heard from, by the clock of its <see cref="TimeProvider"/>: to the tick, and never too short. The join counts as a heartbeat. Zero if it was another server's session. Time in which ticks were withheld or
    /// held is in it; a heartbeat that comes among withheld ticks, which have no number, is taken to have come before them.
    /// </summary>
    public TimeSpan LastSeenAgo { get; init; }

    /// <summary>The time of day then, by the tracker's <see cref="TimeProvider"/>. Only to be shown: nothing is decided by it.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>
    /// For <see cref="PresenceChanges.Replaced"/>: the session of this server that took its place, whose <see cref="PresenceChanges.Joined"/> is told next; <see cref="SessionId.None"/> if the client
    /// is on another server now. Else none.
    /// </summary>
    public SessionId Successor { get; init; }

    /// <summary>
    /// For <see cref="PresenceChanges.ServerLost"/>: the number of the session among all servers, greater than that of any earlier session of
    /// the client, so that whatever it guards can refuse an older one. Else 0.
    /// </summary>
    public long FencingToken { get; init; }
}
