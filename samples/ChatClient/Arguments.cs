using System.Globalization;

namespace ChatClient;

/// <summary>What the command line says.</summary>
internal sealed record Arguments(string User, string Host, int Port)
{
    public const string Usage = "Usage: ChatClient NAME [--host localhost] [--port 8080]";

    /// <summary>Reads the command line.</summary>
    /// <returns>What it says, or null if it cannot be understood.</returns>
    public static Arguments? TryParse(string[] args)
    {
        var arguments = new Arguments("", "localhost", 8080);
        for (int i = 0; i < args.Length; i++)
        {
            bool isOption = args[i].StartsWith("--", StringComparison.Ordinal);
            string? value = isOption ? args.ElementAtOrDefault(i + 1) : args[i];
            Arguments? next = (isOption ? args[i] : "--user", value) switch
            {
                (_, null) => null,
                ("--user", _) when arguments.User.Length == 0 => arguments with { User = value },
                ("--host", _) => arguments with { Host = value },
                ("--port", _) when ushort.TryParse(value, CultureInfo.InvariantCulture, out ushort port) && port > 0 => arguments with { Port = port },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            arguments = next;
            i += isOption ? 1 : 0;
        }

        return arguments.User.Length > 0 ? arguments : null;
    }
}
