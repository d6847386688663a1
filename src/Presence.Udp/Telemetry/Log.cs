using System.Net;
using Microsoft.Extensions.Logging;

namespace Presence.Udp.Telemetry;

/// <summary>Everything that this package logs; never a key. Event ids are contract: none is changed or used again; those from 121 on are the client package's.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "Listening for heartbeats on {EndPoint}, on {Threads} threads, reading {Reader}, with a receive buffer of {Granted} bytes for each socket.")]
    public static partial void Listening(ILogger logger, EndPoint endPoint, int threads, string reader, int granted);

    [LoggerMessage(102, LogLevel.Warning, "The receive buffer is {Granted} bytes, not the {Asked} that were asked for, so heartbeats of everyone are lost in shorter pauses of this server. {Remedy}")]
    public static partial void BufferTooSmall(ILogger logger, int granted, int asked, string remedy);

    [LoggerMessage(103, LogLevel.Information, "The kernel dropped {Count} datagrams since this was last logged: no heartbeats, with wrong checksums, or for want of room in the receive buffer. Where heartbeats were clearly missing, ticks counted against nobody, up to a bound.")]
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
}
