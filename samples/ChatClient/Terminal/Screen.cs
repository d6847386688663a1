using System.Text.Json;

namespace ChatClient;

/// <summary>What the user sees of a message.</summary>
internal static class Screen
{
    public static string Show(JsonElement message)
    {
        try
        {
            return Read(message);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            return Words.Unreadable; // half a surrogate pair, or a number that is none
        }
    }

    /// <summary>A field's text; empty if there is none. Control characters are replaced: text comes from strangers, and a terminal obeys them.</summary>
    public static string Text(JsonElement message, string field) =>
        message.TryGetProperty(field, out JsonElement text) && text.ValueKind == JsonValueKind.String ? Printable(text.GetString()!) : "";

    /// <summary>What a terminal shows and does not obey.</summary>
    public static string Printable(string text) => string.Concat(text.Select(character => char.IsControl(character) || Turns(character) ? '\uFFFD' : character));

    /// <summary>Whether it ends a line, or turns what follows it from right to left or back, which may be somebody else's (Unicode's Bidi_Control).</summary>
    private static bool Turns(char character) => character
        is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static string Read(JsonElement message) => Text(message, "type") switch
    {
        "welcome" => Words.Welcome(Text(message, "user"), Online(message)),
        "joined" => Words.Joined(Text(message, "user")),
        "left" => Words.Left(Text(message, "user"), Text(message, "reason")),
        "say" => Words.Said(Text(message, "from"), Text(message, "text")),
        "tell" => Words.Told(Text(message, "from"), Text(message, "text")),
        "who" => Words.Event(Online(message)),
        "error" => Words.Error(Text(message, "message"), Text(message, "code")),
        string type => Words.Unknown(type),
    };

    private static string Online(JsonElement message)
    {
        string[] names = [.. Items(message, "online").Select(name => name.ValueKind == JsonValueKind.String ? Printable(name.GetString()!) : "")];
        int count = message.TryGetProperty("count", out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : names.Length;
        Dictionary<string, string> servers = Items(message, "elsewhere").GroupBy(remote => Text(remote, "user")).ToDictionary(user => user.Key, user => Text(user.First(), "server"));
        return Words.Online([.. names.Select(name => servers.TryGetValue(name, out string? server) ? $"{name} (on {server})" : name)], count, Text(message, "next"));
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement message, string field) =>
        message.TryGetProperty(field, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
}
