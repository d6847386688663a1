using System.Text.Json.Nodes;

namespace ChatClient;

/// <summary>What a line that is typed asks for: words for the server, or something of this program.</summary>
internal static class Typing
{
    /// <summary>The message to send for a line.</summary>
    /// <returns>The message; null if the line is none: a command of the program, or wrong.</returns>
    public static JsonObject? MessageOf(string line) => Split(line) switch
    {
        ["/who"] => new JsonObject { ["type"] = "who" },
        ["/who", string after] => new JsonObject { ["type"] = "who", ["after"] = after },
        ["/tell", string to, string text] => new JsonObject { ["type"] = "tell", ["to"] = to, ["text"] = text },
        [] or [['/', ..], ..] => null,
        _ => new JsonObject { ["type"] = "say", ["text"] = line },
    };

    /// <summary>The command of a line that is no message; empty if it is blank.</summary>
    public static string CommandOf(string line) => Split(line).FirstOrDefault() ?? "";

    private static string[] Split(string line) => line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
