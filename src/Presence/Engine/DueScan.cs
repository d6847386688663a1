using System.Numerics;

namespace Presence.Engine;

/// <summary>Finds or counts the words under a bound, at the speed of memory.</summary>
/// <remarks>
/// Words change while they are read. A vector load of aligned 64-bit lanes doesn't tear on the platforms .NET runs on, and
/// nothing depends on it: what is found here is a hint, and a compare-and-swap of the single word gives the verdict.
/// </remarks>
internal static class DueScan
{
    /// <summary>The index of the first word at or after <paramref name="start"/> that is under the bound, or -1.</summary>
    public static int Next(ReadOnlySpan<long> words, int start, long bound)
    {
        int index = start;
        if (Vector.IsHardwareAccelerated)
        {
            index = SkipVectors(words, start, new Vector<long>(bound));
        }

        return NextScalar(words, index, bound);
    }

    /// <summary>How many words are under the bound.</summary>
    public static int Count(ReadOnlySpan<long> words, long bound)
    {
        int index = 0;
        long count = 0;
        if (Vector.IsHardwareAccelerated)
        {
            index = words.Length - (words.Length % (4 * Vector<long>.Count));
            count = CountVectors(words[..index], new Vector<long>(bound));
        }

        for (; index < words.Length; index++)
        {
            count += words[index] < bound ? 1 : 0;
        }

        return (int)count;
    }

    /// <summary>The plain loop: the tail, the words around a find, and machines without vectors.</summary>
    public static int NextScalar(ReadOnlySpan<long> words, int start, long bound)
    {
        for (int index = start; index < words.Length; index++)
        {
            if (words[index] < bound)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Skips the blocks of four vectors in which nothing is due: a full cache line or more between two branches.</summary>
    private static int SkipVectors(ReadOnlySpan<long> words, int start, Vector<long> bound)
    {
        int width = Vector<long>.Count;
        int index = start;
        for (; index <= words.Length - (4 * width); index += 4 * width)
        {
            ReadOnlySpan<long> block = words.Slice(index, 4 * width);
            Vector<long> due =
                Vector.LessThan(new Vector<long>(block), bound) |
                Vector.LessThan(new Vector<long>(block[width..]), bound) |
                Vector.LessThan(new Vector<long>(block[(2 * width)..]), bound) |
                Vector.LessThan(new Vector<long>(block[(3 * width)..]), bound);
            if (due != Vector<long>.Zero)
            {
                break;
            }
        }

        return index;
    }

    /// <summary>Counts in whole blocks of four vectors, without branches. A comparison that holds is -1.</summary>
    private static long CountVectors(ReadOnlySpan<long> words, Vector<long> bound)
    {
        int width = Vector<long>.Count;
        Vector<long> found = default;
        for (int index = 0; index < words.Length; index += 4 * width)
        {
            ReadOnlySpan<long> block = words.Slice(index, 4 * width);
            found += Vector.LessThan(new Vector<long>(block), bound)
                + Vector.LessThan(new Vector<long>(block[width..]), bound)
                + Vector.LessThan(new Vector<long>(block[(2 * width)..]), bound)
                + Vector.LessThan(new Vector<long>(block[(3 * width)..]), bound);
        }

        return -Vector.Sum(found);
    }
}
