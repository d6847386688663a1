using System.Text.Json;
using System.Text.Json.Serialization;

namespace Presence;

/// <summary>Writes a <see cref="SessionId"/> as its 16 hexadecimal digits in JSON, also as the name of a property, and reads them.</summary>
/// <remarks>It is found by itself, also by generated serializers. Thread safety: full.</remarks>
public sealed class SessionIdJsonConverter : JsonConverter<SessionId>
{
    /// <inheritdoc/>
    public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(ref reader) : throw NotDigits();

    /// <inheritdoc/>
    public override SessionId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString());
    }

    private static SessionId Parse(ref Utf8JsonReader reader) => SessionId.TryParse(reader.GetString(), out SessionId session) ? session : throw NotDigits();

    private static JsonException NotDigits() => new("A session id is a string of 16 hexadecimal digits.");
}
