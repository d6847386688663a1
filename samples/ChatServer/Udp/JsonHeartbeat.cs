using System.Text.Json;
using Presence;

namespace ChatServer;

/// <summary>A plain heartbeat, as it comes in a datagram.</summary>
internal sealed record JsonHeartbeat
{
    public string? Type { get; init; }

    public string? User { get; init; }

    public string? Session { get; init; }

    /// <summary>Reads a datagram, which may hold anything.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out string user, out SessionId session)
    {
        user = "";
        session = SessionId.None;
        try
        {
            return JsonSerializer.Deserialize(datagram, ChatJson.Default.JsonHeartbeat) is { Type: "heartbeat" } heartbeat
                && UserName.TryParse(heartbeat.User, out user)
                && SessionId.TryParse(heartbeat.Session, out session);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
