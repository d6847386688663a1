using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace ChatClient;

/// <summary>Reads the command line.</summary>
internal static class ClientCommand
{
    /// <summary>The command that the program is.</summary>
    /// <param name="chat">Runs the client.</param>
    public static RootCommand Create(Func<Arguments, Task<int>> chat)
    {
        var name = new Argument<string>("NAME") { Description = Words.HelpName };
        var host = new Option<string>("--host") { HelpName = "HOST", Description = Words.HelpHost, DefaultValueFactory = _ => "localhost" };
        var port = new Option<int>("--port") { HelpName = "PORT", Description = Words.HelpPort, DefaultValueFactory = _ => 8080 };
        var tls = new Option<bool>("--tls") { Description = Words.HelpTls };
        var insecure = new Option<bool>("--tls-insecure") { Description = Words.HelpTlsInsecure };
        name.Validators.Add(given => Check(given, text => !string.IsNullOrWhiteSpace(text), Words.BadName));
        host.Validators.Add(given => Check(given, text => Uri.CheckHostName(text) != UriHostNameType.Unknown, Words.BadHost));
        port.Validators.Add(given => Check(given, text => int.TryParse(text, out int number) && number is > IPEndPoint.MinPort and <= IPEndPoint.MaxPort, Words.BadPort));
        var command = new RootCommand(Words.HelpProgram) { name, host, port, tls, insecure };
        command.SetAction((parsed, _) => chat(new Arguments(
            parsed.GetRequiredValue(name),
            parsed.GetRequiredValue(host),
            parsed.GetRequiredValue(port),
            parsed.GetValue(insecure) ? Tls.Insecure : parsed.GetValue(tls) ? Tls.Trusted : Tls.None)));
        return command;
    }

    /// <summary>Checks what was given; what was not has a default, or is missed by the parser.</summary>
    private static void Check(SymbolResult given, Func<string, bool> isValid, Func<string, string> complaint)
    {
        if (given.Tokens.Count > 0 && !isValid(given.Tokens[0].Value))
        {
            given.AddError(complaint(given.Tokens[0].Value));
        }
    }
}
