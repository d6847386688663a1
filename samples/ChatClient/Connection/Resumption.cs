using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatClient;

/// <summary>What proves to the server that a session was this client's, so that it comes back under its name at once.</summary>
internal sealed class Resumption
{
    private readonly string _session;
    private readonly byte[] _key;

    private Resumption(string session, byte[] key) => (_session, _key) = (session, key);

    /// <summary>Takes it from a welcome.</summary>
    /// <returns>Null if heartbeats are plain: then there is no secret to prove anything by.</returns>
    public static Resumption? Of(JsonElement welcome) =>
        welcome.TryGetProperty("key", out JsonElement key) && key.TryGetBytesFromBase64(out byte[]? secret) ? new Resumption(welcome.GetProperty("session").GetString()!, secret) : null;

    /// <summary>A login; if there was a session before, one that asks for its place.</summary>
    public static JsonObject LogInAs(string user, Resumption? previous)
    {
        var login = new JsonObject { ["type"] = "login", ["user"] = user };
        if (previous is not null)
        {
            login["resume"] = previous._session;
            login["proof"] = Convert.ToBase64String(HMACSHA256.HashData(previous._key, Encoding.ASCII.GetBytes($"resume {previous._session}")));
        }

        return login;
    }
}
