using System.Net;
using System.Text.Json;
using Presence;
using Presence.Udp;

namespace ChatClient;

/// <summary>Starts the heartbeats that a welcome asks for: signed if it has a key, else plain.</summary>
internal static class Heartbeats
{
    /// <param name="server">The server's address, as TCP found it.</param>
    /// <param name="welcome">The server's welcome.</param>
    /// <param name="probe">Posts to the application loop.</param>
    /// <param name="fallback">Sends a sign of life over TCP.</param>
    /// <returns>Dispose it to fall silent. Null if the welcome asks for nothing that can be sent.</returns>
    public static IDisposable? TryStart(IPAddress server, JsonElement welcome, HeartbeatProbe probe, HeartbeatFallback fallback)
    {
        try
        {
            return Start(server, welcome, probe, fallback);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null; // whatever it is, it is no server of this chat
        }
    }

    private static IDisposable Start(IPAddress server, JsonElement welcome, HeartbeatProbe probe, HeartbeatFallback fallback)
    {
        JsonElement terms = welcome.GetProperty("heartbeat");
        int port = terms.GetProperty("port").GetInt32();
        var interval = TimeSpan.FromMilliseconds(terms.GetProperty("intervalMs").GetInt32());
        if (!welcome.TryGetProperty("key", out JsonElement key) || !SessionId.TryParse(welcome.GetProperty("session").GetString(), out SessionId session))
        {
            return new PlainHeartbeats(new IPEndPoint(server, port), welcome, interval, probe);
        }

        return new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = server.ToString(),
                Port = port,
                Session = session.Value,
                Key = key.GetBytesFromBase64(),
                Interval = interval,
                ExpireAfter = terms.GetProperty("expireAfter").GetInt32(),
                Fallback = fallback,
                Patience = interval, // the loop does nothing that takes long, so one that doesn't answer hangs
            },
            probe);
    }
}
