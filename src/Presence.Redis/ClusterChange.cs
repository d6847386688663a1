namespace Presence.Redis;

/// <summary>What happened to a session on some server.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClusterChange
{
    /// <summary>What happened: one flag.</summary>
    public required PresenceChanges Kind { get; init; }

    /// <summary>Whose session it is.</summary>
    public required string ClientId { get; init; }

    /// <summary>The name of the server that held it.</summary>
    public required string Server { get; init; }

    /// <summary>The number of the session among all servers. Each has one <see cref="PresenceChanges.Joined"/> and one end.</summary>
    public required long FencingToken { get; init; }
}
