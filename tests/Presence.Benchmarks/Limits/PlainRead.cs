using System.Numerics;
using System.Runtime.InteropServices;

namespace Presence.Benchmarks.Limits;

/// <summary>The limit of a tick: reading as many bytes as there are words, and doing nothing with them.</summary>
internal sealed class PlainRead(int clients)
{
    private readonly long[] _words = [.. Enumerable.Range(1, clients).Select(i => (long)i)];

    public long Sum()
    {
        ReadOnlySpan<Vector<long>> vectors = MemoryMarshal.Cast<long, Vector<long>>(_words);
        Vector<long> a = default, b = default, c = default, d = default;
        int index = 0;
        for (; index <= vectors.Length - 4; index += 4)
        {
            a += vectors[index];
            b += vectors[index + 1];
            c += vectors[index + 2];
            d += vectors[index + 3];
        }

        return Vector.Sum(a + b + c + d);
    }
}
