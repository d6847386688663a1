using System.Text.Json.Serialization;

namespace ChatServer;

/// <summary>What is written and read as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    Converters = [typeof(TextConverter)])]
[JsonSerializable(typeof(ServerMessage))]
[JsonSerializable(typeof(ClientMessage))]
[JsonSerializable(typeof(JsonHeartbeat))]
[JsonSerializable(typeof(RelayedMessage))]
[JsonSerializable(typeof(Status))]
internal sealed partial class ChatJson : JsonSerializerContext;
