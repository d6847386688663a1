using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Presence.AspNetCore.Http;

/// <summary>Tells the host's JSON of ours, which its OpenAPI document describes.</summary>
internal sealed class HeartbeatJsonOptions : IConfigureOptions<JsonOptions>
{
    public void Configure(JsonOptions options) => options.SerializerOptions.TypeInfoResolverChain.Insert(0, HeartbeatJson.Default);
}
