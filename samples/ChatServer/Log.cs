namespace ChatServer;

/// <summary>Everything that the server logs. A session id lets its holder send heartbeats, so none is ever logged.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening: chat on TCP port {TcpPort}, heartbeats on UDP port {UdpPort}, page at http://localhost:{HttpPort}")]
    public static partial void Listening(ILogger logger, int tcpPort, int udpPort, int httpPort);

    [LoggerMessage(2, LogLevel.Information, "{User} joined.")]
    public static partial void Joined(ILogger logger, string user);

    [LoggerMessage(3, LogLevel.Information, "{User} left: {Reason}.")]
    public static partial void Left(ILogger logger, string user, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Receiving a heartbeat failed. The next one is awaited.")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception);
}
