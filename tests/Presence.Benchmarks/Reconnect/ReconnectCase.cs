using System.Net.Sockets;
using Presence.Benchmarks.Peers;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Reconnect;

/// <summary>A server whose clients reconnect.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Server">What it is.</param>
/// <param name="Start">Starts it.</param>
/// <param name="Speak">Speaks its protocol on a connection, as a user.</param>
/// <param name="IsOurs">Whether it has our promise to keep.</param>
internal sealed record ReconnectCase(string Name, string Server, Func<Child> Start, Func<Socket, string, ReconnectConnection> Speak, bool IsOurs)
{
    public static ReconnectCase[] All { get; } =
    [
        new("chat", "Presence, the chat server, which refuses a name that is online", StartChat, SpeakChat, IsOurs: true),
        new("takeover", "Presence, a server where a login takes over", () => Child.OfThisProgram(["takeover-server"]), SpeakChat, IsOurs: true),
        new("by-name", "the same if a connection that ends has its name leave, not its session", () => Child.OfThisProgram(["takeover-server", "by-name"]), SpeakChat, IsOurs: false),
        new("mqttnet", $"MQTTnet.Server {MqttBroker.Version}", () => Child.OfThisProgram(["mqtt-broker"]), (socket, id) => new MqttConnection(socket, id), IsOurs: false),
    ];

    // Here connections end, not heartbeats, so nobody sends any.
    private static Child StartChat() =>
        Child.OfSample("ChatServer", ["--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--expire-after", "3600", "--set", "Chat:MaxLinesPerSecond=100000"]);

    private static ChatConnection SpeakChat(Socket socket, string user) => new(socket, user);
}
