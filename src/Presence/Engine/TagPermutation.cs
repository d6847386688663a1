using System.Security.Cryptography;

namespace Presence.Engine;

/// <summary>Makes the tag of a slot's n-th session: never the same twice, and hard to predict from those before.</summary>
/// <remarks>
/// A four-round Feistel network over 24 bits is a permutation whatever its round function (Luby and Rackoff, 1988), and walking
/// past the reserved tags keeps it one, so a slot's tags don't repeat before all were used. The round function is keyed by
/// this tracker's random number and by <see cref="HashCode"/>, which the runtime seeds anew in each process: ids from before a
/// restart name nobody after it.
/// </remarks>
internal readonly struct TagPermutation(int key)
{
    /// <summary>How many tags, and so sessions, a slot has.</summary>
    public const uint Length = SessionWord.FirstReservedTag;

    private const int HalfBits = SessionWord.TagBits / 2;
    private const uint HalfMask = (1u << HalfBits) - 1;

    public static TagPermutation WithRandomKey() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    public uint TagOf(uint slot, uint generation)
    {
        uint tag = Permute(slot, generation);
        while (tag >= Length)
        {
            tag = Permute(slot, tag);
        }

        return tag;
    }

    private uint Permute(uint slot, uint value)
    {
        uint left = value >> HalfBits;
        uint right = value & HalfMask;
        for (int round = 0; round < 4; round++)
        {
            (left, right) = (right, left ^ ((uint)HashCode.Combine(key, slot, round, right) & HalfMask));
        }

        return (left << HalfBits) | right;
    }
}
