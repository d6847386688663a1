namespace ChatServer;

/// <summary>Everything that the server logs. A key lets its holder send heartbeats, and so does a session id where they are plain: neither is ever logged.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening: chat on TCP port {TcpPort} ({Protection}), heartbeats on UDP port {UdpPort}, page at http://localhost:{HttpPort}")]
    public static partial void Listening(ILogger logger, int tcpPort, string protection, int udpPort, int httpPort);

    [LoggerMessage(2, LogLevel.Information, "{User} joined.")]
    public static partial void Joined(ILogger logger, string user);

    [LoggerMessage(3, LogLevel.Information, "{User} left: {Reason}.")]
    public static partial void Left(ILogger logger, string user, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Receiving a heartbeat failed. The next one is awaited.")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "Heartbeats on UDP port {UdpPort} are plain: whoever sees or guesses a session id can keep that session alive. This is for playing; leave out --plain-heartbeats.")]
    public static partial void PlainHeartbeats(ILogger logger, int udpPort);

    [LoggerMessage(6, LogLevel.Warning, "The certificate is for development: made for this run, and vouched for by nobody. A client takes it with --tls-insecure, and cannot tell this server from another.")]
    public static partial void DevelopmentCertificate(ILogger logger);
}
