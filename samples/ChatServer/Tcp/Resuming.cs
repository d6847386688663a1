using System.Security.Cryptography;
using System.Text;
using Presence;

namespace ChatServer;

/// <summary>Lets a user whose connection broke back in under his own name, in place of the session that he had; nobody in the room is told that he was away.</summary>
internal sealed class Resuming(IPresenceTracker tracker)
{
    /// <summary>Starts a session in place of the one that a login names, if it proves to be the client's that had it.</summary>
    /// <returns>Whether it does, and that session was still the user's. The new one is the connection's then.</returns>
    public bool TryResume(ClientMessage login, string user, ChatConnection client)
    {
        if (!SessionId.TryParse(login.Resume, out SessionId session)
            || !tracker.TryGetClient(user, out ClientStatus current) || current.Session != session
            || current.State is not ChatConnection { Key: { } key } || !IsProof(login.Proof, key, session)
            || !tracker.TryJoin(user, new JoinOptions { State = client, Replaces = session }, out JoinResult result)) // checks again, in one step with the join
        {
            return false;
        }

        client.Session = result.Session;
        return true;
    }

    /// <summary>A session's id is a name that others may learn; its key is a secret.</summary>
    private static bool IsProof(string? given, byte[] key, SessionId session)
    {
        byte[] expected = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"resume {session}"));
        Span<byte> proof = stackalloc byte[expected.Length];
        return given is not null && Convert.TryFromBase64String(given, proof, out int length) && CryptographicOperations.FixedTimeEquals(proof[..length], expected);
    }
}
