namespace Presence.Udp;

/// <summary>How a sender is doing, at the moment at which it was asked.</summary>
/// <remarks>Thread safety: immutable.</remarks>
public sealed record HeartbeatSenderStatus
{
    /// <summary>Heartbeats sent. One to several addresses of a name counts once.</summary>
    public long Sent { get; init; }

    /// <summary>Heartbeats that could not be sent, to no address.</summary>
    public long Failed { get; init; }

    /// <summary>
    /// Why the last heartbeat that failed could not be sent, the last look-up of the name brought nothing (which holds up no heartbeat, if addresses are known), the last probe that failed
    /// could not be posted, or what the fallback threw; null if none ever did.
    /// </summary>
    public Exception? LastError { get; init; }

    /// <summary>Whether heartbeats are withheld because the application has not answered for <see cref="HeartbeatSender.Patience"/>.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether the last heartbeat could not be sent: it is this host, or its network. <see cref="LastError"/> says why.</summary>
    public bool IsFailing { get; init; }

    /// <summary>
    /// Whether heartbeats are sent, but the server has not acknowledged any for two intervals (one, with a limit under 3; and half a second, if the limit allows): it restarted, it
    /// ended the session, or something on the way loses them. False where none asked.
    /// </summary>
    public bool IsUnanswered { get; init; }

    /// <summary>Whether the last heartbeat went over <see cref="HeartbeatSenderOptions.Fallback"/> too.</summary>
    public bool IsFallingBack { get; init; }

    /// <summary>Acknowledgements received, each genuine and for a heartbeat that had none yet.</summary>
    public long Acknowledged { get; init; }

    /// <summary>From heartbeat to acknowledgement, smoothed as RFC 6298 does (an eighth of each new one); null before the first.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>
    /// The share of heartbeats that asked and got no answer, of the last 64 whose answer is due, from 0 to 1; null if there is none. Those that tried which address of several
    /// answers do not count.
    /// </summary>
    public double? Loss { get; init; }

    /// <summary>
    /// Until when, by this host's clock, the server keeps the session even if it hears nothing more: the limit after the last heartbeat that it is known to have, by an
    /// acknowledgement or the fallback, was sent. Null before the first.
    /// </summary>
    public DateTimeOffset? ConfirmedUntil { get; init; }

    /// <summary>
    /// Whether nothing was sent for so long (<see cref="HeartbeatSenderOptions.ExpireAfter"/> and one more interval) that the server has expired the session. It stays true.
    /// </summary>
    public bool IsProbablyExpired { get; init; }

    /// <summary>
    /// Whether nothing is known to have reached the server for the limit's time (<see cref="HeartbeatSenderOptions.ExpireAfter"/> and one more interval), whatever the reason: log in again, and
    /// make a sender for the new session. It stays true.
    /// </summary>
    public bool MustLogInAgain { get; init; }
}
