namespace Presence.Redis;

/// <summary>What happened to a session on some server.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClusterChange
{
    /// <summary>What happened: one flag.</summary>
    public required PresenceChanges Kind { get; init; }

    /// <summary>Whose session it is; empty for a change of a group.</summary>
    public required string ClientId { get; init; }

    /// <summary>The name of the server that held it, or that changed the group.</summary>
    public required string Server { get; init; }

    /// <summary>The number of the session among all servers, or of the group's change. Each session has one <see cref="PresenceChanges.Joined"/> and one end.</summary>
    public required long FencingToken { get; init; }

    /// <summary>The group that became <see cref="PresenceChanges.Occupied"/> or <see cref="PresenceChanges.Vacated"/>; else null. For one group the two alternate, and <see cref="FencingToken"/> grows.</summary>
    public string? Group { get; init; }
}
