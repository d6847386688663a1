using System.Net;

namespace Presence.Udp;

/// <summary>What a login hands a client: where its heartbeats go, as whose, and how often. The server dictates all of it.</summary>
/// <remarks>Thread safety: immutable, but for the bytes of <see cref="Key"/>. A sender copies what it is given.</remarks>
public sealed class HeartbeatSenderOptions
{
    private const int MaxExpireAfter = 1_000_000;

    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromDays(1);

    /// <summary>The server's name, which is looked up again after failures, or its IP address.</summary>
    public required string Host { get; init; }

    /// <summary>The server's UDP port, from 1 to 65,535.</summary>
    public required int Port { get; init; }

    /// <summary>The session that the login started: on the server, the <c>Value</c> of its <c>SessionId</c>, whose text is these 64 bits in hexadecimal.</summary>
    public required ulong Session { get; init; }

    /// <summary>
    /// The session's key, as the server's <c>HeartbeatKeys</c> issued it: 32 bytes. Sequences start at 1 for each key, so no two senders ever use the same.
    /// </summary>
    public required byte[] Key { get; init; }

    /// <summary>
    /// Time between two heartbeats: the server's <c>PresenceOptions.TickInterval</c>, from 1 ms to 1 day. Behind a NAT, 25 s or less.
    /// </summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The session's limit, in intervals, as the server's <c>PresenceOptions.ExpireAfter</c>: from 1 to 1,000,000.</summary>
    public required int ExpireAfter { get; init; }

    /// <summary>
    /// How long a probe may wait for the application's answer before the sender falls silent. Default null, which is two intervals; from one interval to
    /// 1 day. Less makes a deadlock known sooner; more bears with an application that is busy for long. <see cref="HeartbeatSender.Patience"/> changes it later.
    /// </summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>
    /// Each how many heartbeats the server is asked for an acknowledgement. Default 1, all of them; up to half of <see cref="ExpireAfter"/>. While an answer is due every heartbeat asks. 0 asks for
    /// none, for servers that don't answer; then nothing is known of the server.
    /// </summary>
    public int AcknowledgeEach { get; init; } = 1;

    /// <summary>What to do while nothing is confirmed over UDP, such as where a network blocks it. Default null: nothing.</summary>
    public HeartbeatFallback? Fallback { get; init; }

    internal static void ThrowIfNoPatience(TimeSpan patience, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, interval, nameof(Patience));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(patience, MaxInterval, nameof(Patience));
    }

    internal void ThrowIfInvalid()
    {
        ArgumentException.ThrowIfNullOrEmpty(Host);
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, IPEndPoint.MaxPort);
        ArgumentNullException.ThrowIfNull(Key);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Key.Length, HeartbeatKey.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, MinInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Interval, MaxInterval);
        ArgumentOutOfRangeException.ThrowIfLessThan(ExpireAfter, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ExpireAfter, MaxExpireAfter);
        ArgumentOutOfRangeException.ThrowIfLessThan(AcknowledgeEach, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AcknowledgeEach, Math.Max(1, ExpireAfter / 2));
        if (Patience is { } patience)
        {
            ThrowIfNoPatience(patience, Interval);
        }
    }
}
