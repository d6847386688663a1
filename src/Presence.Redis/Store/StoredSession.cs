using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>What the store has of a client: who is responsible for it, since when, and for which lost server if for one.</summary>
/// <param name="Epoch">The epoch of the server that holds it, or has claimed it.</param>
/// <param name="Stamp">When it joined, in microseconds of the store's clock as its server reckoned; with the epoch it names the session.</param>
/// <param name="Token">Its fencing token.</param>
/// <param name="LostEpoch">The epoch of the server that held it, if that was lost; else empty.</param>
/// <param name="Tail">Its state and its groups: <see cref="StoredTail"/>; empty if it has none.</param>
internal readonly record struct StoredSession(string Epoch, long Stamp, long Token, string LostEpoch, ReadOnlyMemory<byte> Tail = default)
{
    /// <summary>The epoch of the server whose session it is.</summary>
    public string Holder => LostEpoch.Length > 0 ? LostEpoch : Epoch;

    /// <summary>Reads <c>epoch stamp delta [lost epoch][;tail]</c>, the numbers in hex: 28 characters at most before the tail, but for who waited for the store for over 16 s.</summary>
    /// <exception cref="FormatException">It is something else: another program writes to our keys.</exception>
    public static StoredSession Parse(RedisValue stored)
    {
        ReadOnlyMemory<byte> bytes = (ReadOnlyMemory<byte>)stored;
        int end = bytes.Span.IndexOf((byte)';');
        string value = Encoding.ASCII.GetString((end < 0 ? bytes : bytes[..end]).Span);
        string[] parts = value.Split(' ');
        bool isAhead = parts.Length > 2 && parts[2].StartsWith('-'); // its server reckoned the store's clock too late
        if (parts.Length is not (3 or 4)
            || !long.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long stamp)
            || !long.TryParse(parts[2].AsSpan(isAhead ? 1 : 0), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long delta))
        {
            throw new FormatException($"The store has '{value}' for a client, which is none of ours. Does something else write to keys of this prefix?");
        }

        return new StoredSession(parts[0], stamp, isAhead ? stamp - delta : stamp + delta, parts.Length == 4 ? parts[3] : string.Empty, end < 0 ? default : bytes[end..]);
    }
}
