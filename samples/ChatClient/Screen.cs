using System.Text.Json;

namespace ChatClient;

/// <summary>What the user sees.</summary>
internal static class Screen
{
    public const string Help = """
        Type to talk. /who  /tell NAME TEXT  /quit
        /freeze   this program deadlocks: its kernel still answers TCP, but the heartbeats stop
        /vanish   as if the cable were cut: no heartbeat, and no FIN reaches the server
        """;

    public static void Show(JsonElement message) => Console.WriteLine(Text(message, "type") switch
    {
        "welcome" => $"* Welcome, {Text(message, "user")}. Online: {Names(message)}",
        "joined" => $"* {Text(message, "user")} joined",
        "left" => $"* {Text(message, "user")} left ({Text(message, "reason")})",
        "say" => $"<{Text(message, "from")}> {Text(message, "text")}",
        "tell" => $"[{Text(message, "from")}, to you] {Text(message, "text")}",
        "who" => $"* Online: {Names(message)}",
        "error" => $"! {Text(message, "message")} ({Text(message, "code")})",
        string type => $"? {type}",
    });

    private static string Names(JsonElement message) =>
        Printable(string.Join(", ", message.GetProperty("online").EnumerateArray().Select(user => user + Place(message, user.GetString()!))));

    /// <summary>On which other server somebody is, where the server tells.</summary>
    private static string Place(JsonElement message, string user) =>
        message.TryGetProperty("elsewhere", out JsonElement elsewhere)
        && elsewhere.EnumerateArray().FirstOrDefault(remote => remote.GetProperty("user").GetString() == user) is { ValueKind: JsonValueKind.Object } found
            ? $" (on {found.GetProperty("server")})" : "";

    private static string Text(JsonElement message, string field) => Printable(message.GetProperty(field).GetString()!);

    /// <summary>Takes control characters out: text comes from strangers, and a terminal obeys them.</summary>
    private static string Printable(string text) => string.Concat(text.Select(character => char.IsControl(character) ? '\uFFFD' : character));
}
