using Microsoft.Extensions.Logging;

namespace Presence.Telemetry;

/// <summary>Everything that a tracker logs. Event ids are contract: none is changed or used again.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Expired {Count} clients at tick {Tick}.")]
    public static partial void ClientsExpired(ILogger logger, int count, long tick);

    [LoggerMessage(2, LogLevel.Error, "A callback for {Kind} of client {ClientId}, session {Session}, threw. What it did not do for that session stays undone; the session itself is not affected.")]
    public static partial void CallbackFailed(ILogger logger, Exception exception, PresenceChanges kind, string clientId, SessionId session);

    [LoggerMessage(3, LogLevel.Error, "A tick guard threw. The tick is judged as if it had not.")]
    public static partial void TickGuardFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The server stalled: {Count} ticks counted against nobody. Last cause: {Cause}.")]
    public static partial void StallOver(ILogger logger, int count, string cause);

    [LoggerMessage(5, LogLevel.Warning, "The amnesty of {Count} ticks is used up: ticks count although the server is still in trouble, so that dead clients expire. Last cause: {Cause}.")]
    public static partial void AmnestySpent(ILogger logger, int count, string cause);

    [LoggerMessage(6, LogLevel.Warning, "Disposed of the tracker while {Count} callbacks had not returned after {Timeout}.")]
    public static partial void CallbacksAbandoned(ILogger logger, int count, TimeSpan timeout);

    [LoggerMessage(7, LogLevel.Warning, "{Silent} of {Online} clients fell silent within one limit's time, which is likelier this server's or its network's doing than theirs: each is kept for up to {MaxHeldTicks} ticks, or twice a limit of its own.")]
    public static partial void MassExpiryHeld(ILogger logger, int silent, long online, long maxHeldTicks);

    [LoggerMessage(8, LogLevel.Information, "Most of the silent clients are back after {HeldTicks} ticks. Expiring the {Due} that are not.")]
    public static partial void MassExpiryOver(ILogger logger, int heldTicks, int due);

    [LoggerMessage(9, LogLevel.Warning, "Held expiries for {HeldTicks} ticks, which is the bound. Expiring the {Due} clients that are still silent.")]
    public static partial void MassExpirySpent(ILogger logger, int heldTicks, int due);

    [LoggerMessage(10, LogLevel.Error, "The expiry confirmation for client {ClientId}, session {Session}, threw. The client is expired.")]
    public static partial void ConfirmationFailed(ILogger logger, Exception exception, string clientId, SessionId session);

    [LoggerMessage(11, LogLevel.Error, "A callback for {Kind} of client {ClientId}, session {Session}, has not returned after {Age}. It is waited for no longer: what happens next to the client is told while it may still run.")]
    public static partial void CallbackGivenUp(ILogger logger, PresenceChanges kind, string clientId, SessionId session, TimeSpan age);

    [LoggerMessage(12, LogLevel.Error, "The tick source threw when the subscription of a tracker that ends was disposed. The tracker ends all the same.")]
    public static partial void TickSourceFailed(ILogger logger, Exception exception);

    [LoggerMessage(13, LogLevel.Error, "The time provider threw. The time of before is taken for now. Further ones are not logged.")]
    public static partial void ClockFailed(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Error, "A meter listener of the host's threw. What it was to record is lost to it; nothing else is affected. Further ones are only counted, in presence.telemetry.failures.")]
    public static partial void ListenerFailed(ILogger logger, Exception exception);
}
