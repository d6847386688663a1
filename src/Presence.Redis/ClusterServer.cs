namespace Presence.Redis;

/// <summary>A server of the cluster, as the store had it when it was read.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClusterServer
{
    /// <summary>Its <see cref="RedisPresenceOptions.ServerName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Names one stay of the server in the cluster, as a session names one of a client: a server that lost its lease gets another.</summary>
    public required string Epoch { get; init; }

    /// <summary>Whether its lease was found lapsed, so that another server is taking its clients over.</summary>
    public bool IsLost { get; init; }
}
