namespace ChatServer;

/// <summary>What <c>--help</c> says.</summary>
internal static class Help
{
    public const string Program = "A chat server that knows who is online from heartbeats. Chat is on TCP, heartbeats are on UDP, both on all addresses of this machine; a page for this machine only shows who is online.";
    public const string TcpPort = "Where clients connect [8080; 0 for any free port]";
    public const string UdpPort = "Where their heartbeats go [8080]";
    public const string HttpPort = "Where the page is [8081]";
    public const string PlainHeartbeats = "Take heartbeats that nobody has signed, for playing with nc";
    public const string Cert = "A PKCS #12 file (.pfx) with certificate and key, for TLS";
    public const string CertPassword = "That file's password; better in the environment, as Chat__CertPassword";
    public const string DevCert = "TLS with a certificate made for this run, for clients with --tls-insecure";
    public const string Redis = "HOST:PORT of a store that makes several servers one chat, or 'embedded'";
    public const string RedisPort = "Where an embedded store listens [6379]";
    public const string LoginTimeout = "Who has not logged in by then is closed [00:00:10]";
    public const string TickInterval = "Time between two heartbeats [00:00:01]";
    public const string ExpireAfter = "Who has missed more heartbeats than this is gone [5]";
    public const string Set = "Anything else of appsettings.json, such as Chat:MaxConnections=500; may be given again";
}
