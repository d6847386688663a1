namespace ChatServer;

/// <summary>Everything that the server logs. A key lets its holder send heartbeats, and so does a session id where they are plain: neither is ever logged.</summary>
/// <remarks>What strangers can cause is logged as <see cref="LogRate"/> allows, and without a stack trace, or they could fill a disk.</remarks>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening: chat on TCP port {TcpPort} ({Protection}), heartbeats on UDP port {UdpPort}, both on all addresses; page at http://localhost:{HttpPort}")]
    public static partial void Listening(ILogger logger, int tcpPort, string protection, int udpPort, int httpPort);

    [LoggerMessage(2, LogLevel.Information, "{User} joined.")]
    public static partial void Joined(ILogger logger, string user);

    [LoggerMessage(3, LogLevel.Information, "{User} left: {Reason}.")]
    public static partial void Left(ILogger logger, string user, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Receiving a heartbeat failed: {Reason} The next one is awaited.")]
    public static partial void HeartbeatFailed(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Heartbeats on UDP port {UdpPort} are plain: whoever sees or guesses a session id can keep that session alive. This is for playing; leave out --plain-heartbeats.")]
    public static partial void PlainHeartbeats(ILogger logger, int udpPort);

    [LoggerMessage(6, LogLevel.Warning, "The certificate is for development: made for this run, and vouched for by nobody. A client takes it with --tls-insecure, and cannot tell this server from another.")]
    public static partial void DevelopmentCertificate(ILogger logger);

    [LoggerMessage(7, LogLevel.Information, "The chat's store is in this process. Servers on this machine take part with --redis {Address}. It ends with this server, and asks for no password.")]
    public static partial void StoreStarted(ILogger logger, string address);

    [LoggerMessage(8, LogLevel.Warning, "What happens on the other servers is out of sight, and is read anew as soon as can be: {Reason}")]
    public static partial void ChangesLost(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Information, "What happens on the other servers is in sight again.")]
    public static partial void ChangesFound(ILogger logger);

    [LoggerMessage(10, LogLevel.Warning, "What {User} said did not reach the other servers: {Reason}")]
    public static partial void NotRelayed(ILogger logger, string user, string reason);

    [LoggerMessage(11, LogLevel.Error, "A message from another server cannot be read: {Reason} Does something else publish on the chat's channel?")]
    public static partial void NotReadable(ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Warning, "{Count} lines more were left out of this log: so much happened at once.")]
    public static partial void LeftOut(ILogger logger, int count);

    [LoggerMessage(13, LogLevel.Error, "A line of a client could not be served, and its connection is closed. This is a fault of the server: {Reason}")]
    public static partial void ServingFailed(ILogger logger, string reason);

    [LoggerMessage(14, LogLevel.Warning, "Of {Wanted} connections only {Granted} can be had: this process may open {Files} files, and needs some for other things. Raise the limit with ulimit -n, or LimitNOFILE of systemd.")]
    public static partial void FewerConnections(ILogger logger, int wanted, int granted, ulong files);

    [LoggerMessage(15, LogLevel.Information, "At most {Connections} connections at a time, of which {OfAddress} from one address.")]
    public static partial void Connections(ILogger logger, int connections, int ofAddress);
}
