using System.Numerics;

namespace Presence.Engine;

/// <summary>Some of a chunk's slots, a bit for each.</summary>
/// <remarks>Thread safety: full; a change of one slot touches no other.</remarks>
internal sealed class SlotSet(int slots)
{
    private const int WordBits = 64;

    private readonly ulong[] _words = new ulong[(slots + WordBits - 1) / WordBits];

    public void Add(int index) => Interlocked.Or(ref _words[index / WordBits], BitOf(index));

    public void Remove(int index) => Interlocked.And(ref _words[index / WordBits], ~BitOf(index));

    public bool Contains(int index) => (Volatile.Read(ref _words[index / WordBits]) & BitOf(index)) != 0;

    /// <summary>The first of the slots at or after <paramref name="start"/>, or -1.</summary>
    public int Next(int start)
    {
        int word = start / WordBits;
        if (word >= _words.Length)
        {
            return -1;
        }

        ulong bits = Volatile.Read(ref _words[word]) & (ulong.MaxValue << start);
        if (bits == 0)
        {
            int skipped = _words.AsSpan(word + 1).IndexOfAnyExcept(0UL);
            if (skipped < 0)
            {
                return -1;
            }

            word += 1 + skipped;
            bits = Volatile.Read(ref _words[word]);
            if (bits == 0)
            {
                return Next((word + 1) * WordBits); // its last slot has just been removed
            }
        }

        return (word * WordBits) + BitOperations.TrailingZeroCount(bits);
    }

    private static ulong BitOf(int index) => 1UL << index; // the shift takes the last six bits
}
