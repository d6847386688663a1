using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatServer;

/// <summary>Reads and writes text: leniently what comes in, and in every script readable what goes out.</summary>
internal sealed class TextConverter : JsonConverter<string>
{
    /// <summary>Reads a field that is no string as one that is missing, so that it is told from JSON that is broken.</summary>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    /// <summary>
    /// Escapes what JSON demands (RFC 8259, section 7) and nothing else. .NET's encoders escape all letters beyond the BMP, which makes 12 bytes of 4. What is
    /// written here is never put into HTML as it is.
    /// </summary>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        var json = new StringBuilder(value.Length + 2).Append('"');
        foreach (char character in value)
        {
            _ = character switch
            {
                '"' or '\\' => json.Append('\\').Append(character),
                _ when char.IsControl(character) => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => json.Append(character),
            };
        }

        writer.WriteRawValue(json.Append('"').ToString(), skipInputValidation: true);
    }
}
