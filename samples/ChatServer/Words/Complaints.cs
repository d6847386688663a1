namespace ChatServer;

/// <summary>Everything for which the server does not start, as whoever starts it is told.</summary>
internal static class Complaints
{
    public const string LeftOutWithCert = "left out where Chat:Cert is given";
    public const string StoreAddress = $"HOST:PORT, with what StackExchange.Redis reads after a comma, or '{Store.Embedded}'";
    public const string PortNumber = "from 0 (any free one) to 65535";
    public const string Time = "a time as hours:minutes:seconds, such as 00:00:01.5";
    public const string WholeNumber = "a whole number that is not too large";
    public const string Number = "a number, such as 0.5";
    public const string TrueOrFalse = "true or false";

    public static string CannotStart(string reason) => $"The chat server cannot start. {reason}";

    public static string AtLeast(int least) => $"{least} or more";

    public static string OverZeroTo(TimeSpan most) => $"over zero and at most {most}";

    public static string OneOf(IEnumerable<string> names) => string.Join(" or ", names);

    public static string Setting(string name, object? value, string allowed) => $"{name} is '{value}', but must be {allowed}.";

    public static string UnknownSetting(string name, string section, IEnumerable<string> known) =>
        $"{name} is no setting. The section {section} has {string.Join(", ", known)}.";

    public static string NotASetting(string given) => $"--set takes SECTION:NAME=VALUE, such as Chat:MaxConnections=500, and not '{given}'.";

    public static string SettingOfAnother(string name) => $"{name} is no setting. Where the server listens, and with which certificate, is set in the section Chat.";

    public static string SettingUnusable(string reason) => $"A setting of the log or of another part of .NET cannot be used: {reason} Mend it, or leave it out.";

    public static string SettingsFile(string reason) => $"The settings cannot be read: {reason} Mend that file, or leave out what is wrong.";

    public static string Port(string protocol, int port, string option, bool isTaken) =>
        isTaken ? $"Another program has {protocol} port {port} already. End it, or choose another port with {option}."
        : $"This user may not listen on {protocol} port {port}. Choose one over 1023 with {option}.";

    public static string OtherPort(string reason, string option) => $"{reason} Or choose another port with {option}.";

    public static string OpenFiles(ulong most, ulong own) =>
        $"This process may open {most} files, and needs {own} for itself. Raise the limit with ulimit -n, or LimitNOFILE of systemd.";

    public static string CertificateUnreadable(string path, string reason) =>
        $"The certificate '{path}' cannot be read: {reason} It must be a PKCS #12 file (.pfx), and Chat:CertPassword its password.";

    public static string CertificateWithoutKey(string path) => $"The certificate '{path}' has no private key. Export it with its key.";
}
