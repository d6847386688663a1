using System.Security.Cryptography;

namespace Presence.AspNetCore.Http;

/// <summary>What the server keeps of a token: its hash, and how many heartbeats came lately.</summary>
/// <remarks>Thread safety: full. <c>_counting</c> guards the two counts.</remarks>
internal sealed class TokenSession
{
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private readonly Lock _counting = new();
    private long _since;
    private int _beats;

    public TokenSession(BearerToken token) => token.Hash(_hash);

    /// <summary>Compares in a time that says nothing of how much is right.</summary>
    public bool IsOf(BearerToken token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        token.Hash(hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    /// <summary>Counts a heartbeat, unless there were too many.</summary>
    public bool TryCount(TimeProvider clock, TimeSpan window, int max)
    {
        long now = clock.GetTimestamp();
        lock (_counting)
        {
            if (_beats == 0 || clock.GetElapsedTime(_since, now) >= window)
            {
                (_since, _beats) = (now, 0);
            }

            if (_beats == max)
            {
                return false;
            }

            _beats++;
            return true;
        }
    }
}
