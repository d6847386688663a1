using System.Text.RegularExpressions;
using Presence.Benchmarks.Peers;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Freeze;

/// <summary>A server, and the freeze that it has to stand.</summary>
internal sealed partial record FreezeCase
{
    /// <summary>What the command line calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The server, with its version and how long it lets a client be silent.</summary>
    public required string Server { get; init; }

    /// <summary>As <see cref="FreezeClients"/> knows it.</summary>
    public required string Protocol { get; init; }

    public required int Clients { get; init; }

    public required TimeSpan Freeze { get; init; }

    /// <summary>How long after the freeze a client that died in it may stay. Ours has a promise to keep; a peer is given up then.</summary>
    public required TimeSpan MostToNotice { get; init; }

    public bool IsOurs { get; init; }

    /// <summary>Starts the server, which says where it listens and whose session has ended.</summary>
    public required Func<Action<string>, Child> Start { get; init; }

    /// <summary>Whose session has ended, if a line says that of anyone.</summary>
    public static string? GoneIn(string line) => GonePattern().Match(line) is { Success: true } match ? match.Groups["user"].Value : null;

    /// <summary>The sample's server with the settings that its clients' patience asks for, and all others as they are.</summary>
    /// <param name="name">What the command line calls it.</param>
    /// <param name="clients">How many.</param>
    /// <param name="freeze">How long.</param>
    /// <param name="limit">Ticks of a second that a client may miss.</param>
    public static FreezeCase OfChat(string name, int clients, TimeSpan freeze, int limit) => new()
    {
        Name = name,
        Server = $"Presence, the chat server (limit {limit} s)",
        Protocol = "chat",
        Clients = clients,
        Freeze = freeze,
        MostToNotice = TimeSpan.FromSeconds(limit + 1 + limit + (2 * limit)), // the limit and its tick; withheld; held for the many
        IsOurs = true,
        Start = onLine => Child.OfSample(
            "ChatServer", ["--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--expire-after", $"{limit}", "--set", "Chat:MaxConnectionsPerAddress=100000"], onLine),
    };

    public static FreezeCase OfSignalR(string name, int clients, TimeSpan freeze) => new()
    {
        Name = name,
        Server = $"SignalR {SignalRServer.Version} (timeout 30 s)",
        Protocol = "signalr",
        Clients = clients,
        Freeze = freeze,
        MostToNotice = TimeSpan.FromSeconds(45),
        Start = onLine => Child.OfThisProgram(["signalr-server"], onLine, hasServerCollector: true), // as a web application has it
    };

    public static FreezeCase OfMqtt(string name, int clients, TimeSpan freeze) => new()
    {
        Name = name,
        Server = $"MQTTnet.Server {MqttBroker.Version} (keep-alive 3 s, so 4.5 s)",
        Protocol = "mqtt",
        Clients = clients,
        Freeze = freeze,
        MostToNotice = TimeSpan.FromSeconds(15),
        Start = onLine => Child.OfThisProgram(["mqtt-broker"], onLine),
    };

    [GeneratedRegex(@"gone (?<user>\S+)|\] (?<user>\S+) left: ")]
    private static partial Regex GonePattern();
}
