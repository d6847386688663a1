using System.Globalization;

namespace ChatClient;

/// <summary>What the command line says.</summary>
internal sealed record Arguments(string User, string Host, int Port, Tls Tls)
{
    public const string Usage = """
        Usage: ChatClient NAME [--host localhost] [--port 8080] [--tls | --tls-insecure]
        --tls            for a server that has a certificate
        --tls-insecure   the same, whatever its certificate: for the server's --dev-cert
        """;

    /// <summary>Reads the command line.</summary>
    /// <returns>What it says, or null if it cannot be understood.</returns>
    public static Arguments? TryParse(string[] args)
    {
        var arguments = new Arguments("", "localhost", 8080, Tls.None);
        for (int i = 0; i < args.Length; i++)
        {
            Arguments? next = args[i] switch
            {
                "--tls" => arguments with { Tls = Tls.Trusted },
                "--tls-insecure" => arguments with { Tls = Tls.Insecure },
                "--host" when ++i < args.Length => arguments with { Host = args[i] },
                "--port" when ++i < args.Length && ushort.TryParse(args[i], CultureInfo.InvariantCulture, out ushort port) && port > 0 =>
                    arguments with { Port = port },
                ['-', '-', ..] => null,
                string user when arguments.User.Length == 0 => arguments with { User = user },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            arguments = next;
        }

        return arguments.User.Length > 0 ? arguments : null;
    }
}
