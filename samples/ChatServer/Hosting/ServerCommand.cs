using System.CommandLine;

namespace ChatServer;

/// <summary>Reads settings from the command line. What is not known is an error: a mistyped port must not start on another.</summary>
internal static class ServerCommand
{
    private static readonly Dictionary<Option, string> Settings = new()
    {
        [Value("--tcp-port", "PORT", Help.TcpPort)] = "Chat:TcpPort",
        [Value("--udp-port", "PORT", Help.UdpPort)] = "Chat:UdpPort",
        [Value("--http-port", "PORT", Help.HttpPort)] = "Chat:HttpPort",
        [Value("--tick-interval", "TIME", Help.TickInterval)] = "Presence:TickInterval",
        [Value("--expire-after", "COUNT", Help.ExpireAfter)] = "Presence:ExpireAfter",
        [Value("--login-timeout", "TIME", Help.LoginTimeout)] = "Chat:LoginTimeout",
        [new Option<bool>("--plain-heartbeats") { Description = Help.PlainHeartbeats }] = "Chat:PlainHeartbeats",
        [Value("--cert", "FILE", Help.Cert)] = "Chat:Cert",
        [Value("--cert-password", "PASSWORD", Help.CertPassword)] = "Chat:CertPassword",
        [new Option<bool>("--dev-cert") { Description = Help.DevCert }] = "Chat:DevCert",
        [Value("--redis", "ADDRESS", Help.Redis)] = "Chat:Redis",
        [Value("--redis-port", "PORT", Help.RedisPort)] = "Chat:RedisPort",
    };

    private static readonly Option<string[]> Set = new("--set") { HelpName = "SECTION:NAME=VALUE", Description = Help.Set };

    /// <summary>The command that the program is.</summary>
    /// <param name="serve">Runs the server. It is handed what reads the settings, as configuration names them.</param>
    public static RootCommand Create(Func<Func<Dictionary<string, string?>>, Task<int>> serve)
    {
        var command = new RootCommand(Help.Program);
        foreach (Option option in Settings.Keys.Append(Set))
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) => serve(() => Read(parsed)));
        return command;
    }

    /// <summary>Reads the settings out of what was parsed.</summary>
    /// <exception cref="StartException">A <c>--set</c> has no name or no value.</exception>
    private static Dictionary<string, string?> Read(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach ((Option option, string key) in Settings)
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                settings[key] = option is Option<bool> flag ? $"{parsed.GetValue(flag)}" : parsed.GetValue((Option<string>)option);
            }
        }

        foreach (string setting in parsed.GetValue(Set) ?? [])
        {
            string[] parts = setting.Split('=', 2);
            settings[parts[0]] = parts.Length == 2 && parts[0].Contains(':') ? parts[1] : throw new StartException(Complaints.NotASetting(setting));
        }

        return settings;
    }

    private static Option<string> Value(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
