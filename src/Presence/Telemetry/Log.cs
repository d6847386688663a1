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

    [LoggerMessage(4, LogLevel.Warning, "The server {Cause}, so heartbeats may be lost or waiting: this tick counts against nobody.")]
    public static partial void TickWithheld(ILogger logger, string cause);

    [LoggerMessage(5, LogLevel.Warning, "{Count} ticks in a row were withheld and this one would be too (the server {Cause}): from now on ticks count, so that dead clients expire.")]
    public static partial void AmnestySpent(ILogger logger, int count, string cause);

    [LoggerMessage(6, LogLevel.Warning, "Disposed of the tracker while {Count} callbacks had not returned after {Timeout}.")]
    public static partial void CallbacksAbandoned(ILogger logger, int count, TimeSpan timeout);
}
