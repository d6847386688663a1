namespace Presence.Udp;

/// <summary>How a sender is doing, as of its last heartbeat that was due.</summary>
/// <remarks>Thread safety: immutable.</remarks>
public sealed record HeartbeatSenderStatus
{
    /// <summary>Heartbeats sent. UDP does not tell whether any arrived; the server does, over the business connection.</summary>
    public long Sent { get; init; }

    /// <summary>Heartbeats that could not be sent.</summary>
    public long Failed { get; init; }

    /// <summary>Why the last heartbeat that failed could not be sent, or the last probe that failed could not be posted; null if none ever did.</summary>
    public Exception? LastError { get; init; }

    /// <summary>Whether heartbeats are withheld because the application has not answered for <see cref="HeartbeatSenderOptions.Patience"/>.</summary>
    public bool IsSilent { get; init; }

    /// <summary>
    /// Whether nothing has been sent for so long (<see cref="HeartbeatSenderOptions.ExpireAfter"/> and one more interval) that the server has
    /// expired the session: log in again.
    /// </summary>
    public bool IsProbablyExpired { get; init; }
}
