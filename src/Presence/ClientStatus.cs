namespace Presence;

/// <summary>A client that is online, as it was when it was read.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClientStatus
{
    /// <summary>The client.</summary>
    public required string ClientId { get; init; }

    /// <summary>Its session.</summary>
    public required SessionId Session { get; init; }

    /// <summary>Its heartbeat count: 0 at the join, 1 more at each tick, less at a heartbeat; from -1 to
    /// <see cref="ExpireAfter"/>, and over that while a guard holds the expiry back.</summary>
    public required int Count { get; init; }

    /// <summary>Its limit: the session expires at the tick that takes <see cref="Count"/> over this.</summary>
    public required int ExpireAfter { get; init; }

    /// <summary>Whether <see cref="Count"/> is over <see cref="PresenceOptions.SuspectAfter"/>. A heartbeat undoes it.</summary>
    public bool IsSuspect { get; init; }

    /// <summary>The object that the host gave at the join, or set since.</summary>
    public object? State { get; init; }

    /// <summary>
    /// How long before the tracker's last tick the client was last heard from, by the clock of its <see cref="TimeProvider"/>: to the tick, and never too short. The join counts as a heartbeat. Time in which ticks were withheld or
    /// held is in it; a heartbeat that comes among withheld ticks, which have no number, is taken to have come before them.
    /// </summary>
    public TimeSpan LastSeenAgo { get; init; }

    /// <summary>The time of day then, by the tracker's <see cref="TimeProvider"/>. Only to be shown: nothing is decided by it.</summary>
    public DateTimeOffset LastSeen { get; init; }
}
