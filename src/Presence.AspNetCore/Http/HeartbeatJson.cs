using System.Text.Json.Serialization;

namespace Presence.AspNetCore.Http;

/// <summary>The JSON of these endpoints, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HeartbeatTicket))]
internal sealed partial class HeartbeatJson : JsonSerializerContext;
