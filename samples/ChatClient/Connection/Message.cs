using System.Text.Json;

namespace ChatClient;

/// <summary>What a server says.</summary>
internal static class Message
{
    /// <summary>Reads a line.</summary>
    /// <returns>The message; null if the line is none, whatever it is.</returns>
    public static JsonElement? TryParse(string line)
    {
        try
        {
            var message = JsonElement.Parse(line);
            return message.ValueKind == JsonValueKind.Object && message.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
