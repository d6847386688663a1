using Microsoft.Extensions.Logging;

namespace Presence.AspNetCore.Telemetry;

/// <summary>Everything that this package logs. Event ids are contract: none is changed or used again.</summary>
internal static partial class Log
{
    [LoggerMessage(301, LogLevel.Information, "Connection {ConnectionId} is closed: nothing was heard from its client for {Silence}, also when it was asked.")]
    public static partial void ConnectionExpired(ILogger logger, string connectionId, TimeSpan silence);

    [LoggerMessage(302, LogLevel.Error, "The client of session {Session} could not be asked. It is asked again when it has been silent once more.")]
    public static partial void AskingFailed(ILogger logger, SessionId session, Exception exception);

    [LoggerMessage(303, LogLevel.Error, "The host's handler failed on a message of client {ClientId}, whose WebSocket is closed.")]
    public static partial void HandlerFailed(ILogger logger, string clientId, Exception exception);
}
