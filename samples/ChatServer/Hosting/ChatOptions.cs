namespace ChatServer;

/// <summary>The section <c>Chat</c> of the settings. Port 0 stands for any free one; the log says which it became.</summary>
internal sealed class ChatOptions
{
    /// <summary>The longest line that a client may send, in bytes without its line feed.</summary>
    public const int MaxLineBytes = 4096;

    /// <summary>Where clients connect, on all addresses of this machine. Default 8080.</summary>
    public int TcpPort { get; set; } = 8080;

    /// <summary>Where clients send their heartbeats, on all addresses of this machine. Default 8080.</summary>
    public int UdpPort { get; set; } = 8080;

    /// <summary>Where the page is, for this machine only: it asks for no password. Default 8081.</summary>
    public int HttpPort { get; set; } = 8081;

    /// <summary>Whether heartbeats are plain JSON that anyone can make, instead of signed. For playing. Default false.</summary>
    public bool PlainHeartbeats { get; set; }

    /// <summary>The file (PKCS #12: .pfx, .p12) with the certificate and private key for TLS on TCP; null or empty for none. Default null.</summary>
    public string? Cert { get; set; }

    /// <summary>The password of that file, if it has one.</summary>
    public string? CertPassword { get; set; }

    /// <summary>Whether TLS on TCP uses a certificate that is made for this run and vouched for by nobody. For development. Default false.</summary>
    public bool DevCert { get; set; }

    /// <summary>
    /// The store by which this server and others are one chat: <c>HOST:PORT</c>, with more settings as StackExchange.Redis reads them, or
    /// <c>embedded</c> for one in this process; null or empty for a server alone. Default null.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>Where a store in this process listens, for this machine only: it asks for no password. Default 6379.</summary>
    public int RedisPort { get; set; } = 6379;

    /// <summary>A connection that has not logged in by then is closed; of many at once, 50 a second. Default 10 s.</summary>
    public TimeSpan LoginTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many connections may be open at a time, as far as the process may open files; one more is closed at once. Default 10,000.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>How many of them may come from one address, of IPv6 from one network of 64 bits. Default 100.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 100;

    /// <summary>How many lines a client may send each second, and five times as many at once. Over that it is told to slow down; who does not is closed. Default 20.</summary>
    public int MaxLinesPerSecond { get; set; } = 20;

    /// <summary>What all others together may send a client each second; they have even shares of it. Default 100,000.</summary>
    public int MaxHeardBytesPerSecond { get; set; } = 100_000;

    /// <summary>A client that leaves more than this unread, beyond what the kernel holds for it, is cut off. Default 1 MiB.</summary>
    public int MaxUnsentBytes { get; set; } = 1024 * 1024;
}
