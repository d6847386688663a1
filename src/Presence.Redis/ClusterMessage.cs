namespace Presence.Redis;

/// <summary>A message for a client of this server, from <see cref="IPresenceCluster.SendAsync"/> on whatever server.</summary>
/// <remarks>Thread safety: an immutable value; <see cref="Content"/> is the callback's own.</remarks>
public readonly record struct ClusterMessage
{
    /// <summary>The client that it is for.</summary>
    public required string ClientId { get; init; }

    /// <summary>The client's session when the message came.</summary>
    public required SessionId Session { get; init; }

    /// <summary>The host's own object of that session, as it gave it to the join; null if it gave none.</summary>
    public object? State { get; init; }

    /// <summary>The message.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }
}
