using System.Text.Encodings.Web;
using System.Text.Json;

namespace ChatServer;

/// <summary>How JSON looks on the wire.</summary>
internal static class Wire
{
    /// <summary>Leaves every script readable. Nothing here is ever put into HTML as it is.</summary>
    public static ChatJson Json { get; } = new(new JsonSerializerOptions(ChatJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
