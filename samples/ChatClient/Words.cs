namespace ChatClient;

/// <summary>Everything that the user reads, but for what others say.</summary>
internal static class Words
{
    private const int LongestQuote = 60;

    public const string Commands = """
        Type to talk. /who  /tell NAME TEXT  /quit
        /freeze   this program deadlocks: its kernel still answers TCP, but the heartbeats stop
        /vanish   as if the cable were cut: no heartbeat, and no FIN reaches the server
        """;

    public const string Frozen = "* Frozen: the loop hangs, so the heartbeats stop. Ctrl+C twice ends the program.";
    public const string Vanished = "* Vanished: no heartbeat, no FIN. This process only holds the socket open; it ends when the server has noticed.";
    public const string Noticed = "* The server has noticed, and closed the connection.";
    public const string TooLong = "! That is too long for one line. Say it in two.";
    public const string NotConnected = "! There is no connection now, so that was not sent.";
    public const string Closed = "! The server closed the connection, or it is gone.";
    public const string ClosedBeforeWelcome = "! The server closed the connection before it welcomed you. Does it use TLS? Then try --tls. Or it may be full: then try later.";
    public const string Unreadable = "? The server sent something that this client cannot read.";

    public const string HelpProgram = "A chat client whose heartbeats are those of its application loop: when it hangs, they stop.";
    public const string HelpName = "What you want to be called";
    public const string HelpHost = "The server";
    public const string HelpPort = "Its TCP port";
    public const string HelpTls = "For a server that has a certificate which this machine trusts";
    public const string HelpTlsInsecure = "For a server with any certificate, such as that of its --dev-cert";

    public static string BadName(string given) => $"NAME is '{given}', but must be what you want to be called.";

    public static string BadHost(string given) => $"--host is '{given}', but must be a server's name or IP address, such as chat.example.org.";

    public static string BadPort(string given) => $"--port is '{given}', but must be from 1 to 65535.";

    public static string Unreachable(Arguments to, string reason) =>
        $"! Cannot reach the chat server at {to.Host}, port {to.Port}: {reason.TrimEnd('.')}. Is it running? Another place is set with --host and --port.";

    public static string NoAnswer(Arguments to, TimeSpan waited) =>
        $"! Nothing came from {to.Host}, port {to.Port} in {waited.TotalSeconds:0} s. Is it a chat server? If it uses TLS, try --tls.";

    public static string NoChatServer(Arguments at, string said) => $"! What answers at {at.Host}, port {at.Port} is no chat server. It said: '{Beginning(said)}'. Set another place with --host and --port.";

    public static string NotTrusted(string reason) => $"! The server's certificate is not trusted ({reason}). If it is one for development, use --tls-insecure.";

    public static string NoTls(Arguments at, string reason) => $"! What answers at {at.Host}, port {at.Port} speaks no TLS ({reason.TrimEnd('.')}). Leave --tls out, or choose another --port.";

    public static string Again(TimeSpan delay) => $"* Trying again in {delay.TotalSeconds:0.0} s. Ctrl+C ends the program.";

    public static string Welcome(string user, string online) => $"* Welcome, {user}. {online}";

    public static string Online(IReadOnlyList<string> names, int count, string next) =>
        $"Online{(names.Count == count ? "" : $", {names.Count} of {count}")}: {string.Join(", ", names)}{(next.Length == 0 ? "" : $", … Those after {next}: /who {next}")}";

    public static string Event(string text) => $"* {text}";

    public static string Joined(string user) => $"* {user} joined";

    public static string Left(string user, string reason) => $"* {user} left ({reason})";

    public static string Said(string from, string text) => $"<{from}> {text}";

    public static string Told(string from, string text) => $"[{from}, to you] {text}";

    public static string Error(string message, string code) => $"! {message} ({code})";

    public static string Unknown(string type) => $"? The server sent something of the type '{type}', which this client does not know.";

    private static string Beginning(string text) => text.Length <= LongestQuote ? text : $"{text[..LongestQuote]}…";
}
