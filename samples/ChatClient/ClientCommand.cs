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
        port.Validators.Add(CheckPort);
        var command = new RootCommand(Words.HelpProgram) { name, host, port, tls, insecure };
        command.SetAction((parsed, _) => chat(new Arguments(
            parsed.GetRequiredValue(name),
            parsed.GetRequiredValue(host),
            parsed.GetRequiredValue(port),
            parsed.GetValue(insecure) ? Tls.Insecure : parsed.GetValue(tls) ? Tls.Trusted : Tls.None)));
        return command;
    }

    private static void CheckPort(OptionResult given)
    {
        string text = given.Tokens.Count > 0 ? given.Tokens[0].Value : "8080";
        if (!int.TryParse(text, out int port) || port is <= IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            given.AddError(Words.BadPort(text));
        }
    }
}
