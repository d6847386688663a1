using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatServer;

/// <summary>What is written and read as JSON; <see cref="Wire"/> has it with all its settings.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    Converters = [typeof(StringOrNothing)])]
[JsonSerializable(typeof(ServerMessage))]
[JsonSerializable(typeof(ClientMessage))]
[JsonSerializable(typeof(JsonHeartbeat))]
[JsonSerializable(typeof(RelayedMessage))]
[JsonSerializable(typeof(Status))]
internal sealed partial class ChatJson : JsonSerializerContext
{
    /// <summary>Reads a field that is no string as one that is missing, so that it is told from JSON that is broken.</summary>
    private sealed class StringOrNothing : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return reader.GetString();
            }

            reader.Skip();
            return null;
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
