using System.Net;
using Microsoft.Extensions.Logging;

namespace Presence.Udp.Telemetry;

/// <summary>Everything that this package logs; never a key. Event ids are contract: none is changed or used again.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "Listening for heartbeats on {EndPoint}, reading {Reader}, with a receive buffer of {Granted} bytes.")]
    public static partial void Listening(ILogger logger, EndPoint endPoint, string reader, int granted);

    [LoggerMessage(102, LogLevel.Warning, "The receive buffer is {Granted} bytes, not the {Asked} that were asked for, so heartbeats of everyone are lost in shorter pauses of this server. {Remedy}")]
    public static partial void BufferTooSmall(ILogger logger, int granted, int asked, string remedy);

    [LoggerMessage(103, LogLevel.Warning, "The kernel dropped {Count} datagrams since this was last logged. Heartbeats were lost here, so ticks meanwhile count against nobody, up to a bound.")]
    public static partial void Dropped(ILogger logger, long count);

    [LoggerMessage(104, LogLevel.Warning, "{Count} datagrams since this was last logged claimed a session that is online, without its key.")]
    public static partial void Forged(ILogger logger, long count);

    [LoggerMessage(105, LogLevel.Information, "{Count} datagrams since this was last logged were no heartbeats.")]
    public static partial void Malformed(ILogger logger, long count);

    [LoggerMessage(106, LogLevel.Information, "{Count} heartbeats since this was last logged were for sessions that are over, or have no key.")]
    public static partial void Unknown(ILogger logger, long count);

    [LoggerMessage(107, LogLevel.Information, "{Count} heartbeats since this was last logged were replayed, duplicated or overtaken by later ones.")]
    public static partial void Stale(ILogger logger, long count);

    [LoggerMessage(108, LogLevel.Error, "The heartbeat sink threw for {Count} genuine heartbeats since this was last logged; the last error is attached. They do not count.")]
    public static partial void SinkFailed(ILogger logger, Exception? exception, long count);

    [LoggerMessage(109, LogLevel.Error, "Receiving failed {Count} times since this was last logged. It goes on.")]
    public static partial void ReceiveFailed(ILogger logger, Exception exception, long count);

    [LoggerMessage(121, LogLevel.Warning, "The application has not answered for {Patience}, so its heartbeats stop: the server will expire session {Session} unless it answers soon.")]
    public static partial void FellSilent(ILogger logger, TimeSpan patience, SessionId session);

    [LoggerMessage(122, LogLevel.Information, "The application answers again, so its heartbeats go on.")]
    public static partial void Resumed(ILogger logger);

    [LoggerMessage(123, LogLevel.Warning, "A heartbeat could not be sent to {Host}:{Port}. The next one uses a new socket, and resolves the name again.")]
    public static partial void SendFailed(ILogger logger, Exception exception, string host, int port);

    [LoggerMessage(124, LogLevel.Information, "Heartbeats can be sent again.")]
    public static partial void SendRecovered(ILogger logger);
}
