namespace Presence.Redis;

/// <summary>Tells a callback that a group became occupied or vacated over all servers.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClusterGroupChange
{
    /// <summary><see cref="PresenceChanges.Occupied"/> or <see cref="PresenceChanges.Vacated"/>.</summary>
    public required PresenceChanges Kind { get; init; }

    /// <summary>The group.</summary>
    public required string Group { get; init; }

    /// <summary>
    /// Greater than that of any earlier change of the group. Callbacks run on several servers, so an earlier change may be told later: whoever keeps the greatest number of each group
    /// drops what is not greater.
    /// </summary>
    public required long Number { get; init; }
}
