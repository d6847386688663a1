using Microsoft.Extensions.Logging;

namespace Presence.Udp.Telemetry;

/// <summary>Everything that senders log; never a key. Event ids are contract: none is changed or used again, nor is one of <c>Presence.Udp</c>'s.</summary>
internal static partial class Log
{
    [LoggerMessage(121, LogLevel.Warning, "The application has not answered for {Patience}, so its heartbeats stop: the server will expire session {Session:x16} unless it answers soon.")]
    public static partial void FellSilent(ILogger logger, TimeSpan patience, ulong session);

    [LoggerMessage(122, LogLevel.Information, "The application answers again, so its heartbeats go on.")]
    public static partial void Resumed(ILogger logger);

    [LoggerMessage(123, LogLevel.Warning, "A heartbeat could not be sent to {Host}:{Port}. The next one uses a new socket, and the name is looked up again.")]
    public static partial void SendFailed(ILogger logger, Exception exception, string host, int port);

    [LoggerMessage(124, LogLevel.Information, "Heartbeats can be sent again.")]
    public static partial void SendRecovered(ILogger logger);

    [LoggerMessage(125, LogLevel.Warning, "The server at {Host}:{Port} does not answer heartbeats. They go on, from a new socket and to all addresses of the name, which is looked up again.")]
    public static partial void Unanswered(ILogger logger, string host, int port);

    [LoggerMessage(126, LogLevel.Information, "The server answers heartbeats again.")]
    public static partial void AnsweredAgain(ILogger logger);

    [LoggerMessage(127, LogLevel.Warning, "No heartbeat of session {Session:x16} is known to have reached the server for the limit's time. Log in again.")]
    public static partial void MustLogInAgain(ILogger logger, ulong session);

    [LoggerMessage(128, LogLevel.Error, "A handler of LogInAgain threw. It is not called again.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);
}
