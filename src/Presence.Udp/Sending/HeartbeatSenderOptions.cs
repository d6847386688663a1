namespace Presence.Udp;

/// <summary>What a login hands a client: where its heartbeats go, as whose, and how often. The server dictates all of it.</summary>
/// <remarks>Thread safety: immutable, but for the bytes of <see cref="Key"/>. A sender copies what it is given.</remarks>
public sealed class HeartbeatSenderOptions
{
    /// <summary>The server's name, which is resolved again after failures, or its IP address.</summary>
    public required string Host { get; init; }

    /// <summary>The server's UDP port, from 1 to 65,535.</summary>
    public required int Port { get; init; }

    /// <summary>The session that the login started.</summary>
    public required SessionId Session { get; init; }

    /// <summary>
    /// The session's key, as <see cref="HeartbeatKeys.Issue"/> made it: 32 bytes. Sequences start at 1 for each key, so no two senders ever use the same.
    /// </summary>
    public required byte[] Key { get; init; }

    /// <summary>
    /// Time between two heartbeats: the server's <see cref="PresenceOptions.TickInterval"/>, in the same range. Behind a NAT, 25 s or less.
    /// </summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The session's limit, in intervals, as <see cref="PresenceOptions.ExpireAfter"/>, in the same range.</summary>
    public required int ExpireAfter { get; init; }

    /// <summary>
    /// How long a probe may wait for the application's answer before the sender falls silent. Default null, which is two intervals; from one interval to
    /// <see cref="PresenceOptions.MaxTickInterval"/>. Less makes a deadlock known sooner; more bears with an application that is busy for long.
    /// </summary>
    public TimeSpan? Patience { get; init; }
}
