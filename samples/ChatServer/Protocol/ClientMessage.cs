using System.Text.Json;

namespace ChatServer;

/// <summary>One line from a client. What is missing, or is no string, is null.</summary>
internal sealed record ClientMessage
{
    public string? Type { get; init; }

    public string? User { get; init; }

    public string? To { get; init; }

    public string? Text { get; init; }

    public string? After { get; init; }

    public string? Resume { get; init; }

    public string? Proof { get; init; }

    /// <summary>Reads a line.</summary>
    /// <returns>The message, or null if the line is not one JSON object in UTF-8.</returns>
    public static ClientMessage? TryParse(ReadOnlySpan<byte> line)
    {
        if (!line.TrimStart(" \t\r"u8).StartsWith("{"u8))
        {
            return null; // garbage mostly ends here: exceptions by the thousand a second would be felt by all
        }

        try
        {
            return JsonSerializer.Deserialize(line, ChatJson.Default.ClientMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
