namespace Presence.Redis;

/// <summary>A client that is online on some server, as the store had it when it was read.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct ClusterClient
{
    /// <summary>The client.</summary>
    public required string ClientId { get; init; }

    /// <summary>The name of the server that holds its connection; of the one that held it, in its grace.</summary>
    public required string Server { get; init; }

    /// <summary>The number of its session among all servers: greater than that of any earlier session of the client.</summary>
    public required long FencingToken { get; init; }

    /// <summary>Whether its server is lost, and it is given <see cref="RedisPresenceOptions.Grace"/> to log in again.</summary>
    public bool IsInGrace { get; init; }

    /// <summary>What its server publishes of the session's state: <see cref="RedisPresenceOptions.PublishedState"/>. Empty if that is nothing. Two values with states are equal only if these are the same memory.</summary>
    public ReadOnlyMemory<byte> State { get; init; }
}
