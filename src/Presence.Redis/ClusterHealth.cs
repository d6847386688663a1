namespace Presence.Redis;

/// <summary>Whether this server's part in the cluster works.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClusterHealth
{
    /// <summary>Whether the store knows this server, takes what it publishes, and reaches it with messages. Its tracker works in any case.</summary>
    public required bool IsHealthy { get; init; }

    /// <summary>What does not work, for people; null if all works.</summary>
    public string? Reason { get; init; }
}
