namespace ChatServer;

/// <summary>Reads settings from the command line. A switch that is not known is an error: a mistyped port must not start on another.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tcp-port"] = "Chat:TcpPort",
        ["udp-port"] = "Chat:UdpPort",
        ["http-port"] = "Chat:HttpPort",
        ["cert"] = "Chat:Cert",
        ["cert-password"] = "Chat:CertPassword",
        ["redis"] = "Chat:Redis",
        ["redis-port"] = "Chat:RedisPort",
        ["login-timeout"] = "Chat:LoginTimeout",
        ["tick-interval"] = "Presence:TickInterval",
        ["expire-after"] = "Presence:ExpireAfter",
    };

    private static readonly Dictionary<string, string> Flags = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--plain-heartbeats"] = "Chat:PlainHeartbeats",
        ["--dev-cert"] = "Chat:DevCert",
    };

    /// <summary>Reads <c>--flag</c>, <c>--key value</c> and <c>--key=value</c>.</summary>
    /// <exception cref="FormatException">An argument is none of these.</exception>
    public static Dictionary<string, string?> Parse(string[] args)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < args.Length; i++)
        {
            if (Flags.TryGetValue(args[i], out string? flag))
            {
                settings[flag] = "true";
                continue;
            }

            string[] parts = args[i].Split('=', 2);
            string? key = KeyOf(parts[0]);
            string? value = parts.Length == 2 ? parts[1] : args.ElementAtOrDefault(i + 1);
            if (key is null || value is null)
            {
                throw new FormatException(
                    $"'{args[i]}' is not a setting with its value. Use {string.Join(", ", ShortNames.Keys.Select(name => $"--{name} VALUE").Concat(Flags.Keys))}, "
                    + "or --Section:Name VALUE for anything in appsettings.json.");
            }

            settings[key] = value;
            i += parts.Length == 2 ? 0 : 1;
        }

        return settings;
    }

    private static string? KeyOf(string argument)
    {
        string name = argument.StartsWith("--", StringComparison.Ordinal) ? argument[2..] : "";
        return ShortNames.TryGetValue(name, out string? key) ? key : name.Contains(':') ? name : null;
    }
}
