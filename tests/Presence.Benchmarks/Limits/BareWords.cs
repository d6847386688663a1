using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Presence.Benchmarks.Limits;

/// <summary>The limit of a heartbeat: one compare-and-swap per word, and before it, by client id, one look into a dictionary.</summary>
internal sealed class BareWords(int clients)
{
    private readonly long[] _words = new long[clients];

    /// <summary>Swaps the words in the order of sessions, whose upper 40 bits say which word is theirs.</summary>
    public bool Swap(ReadOnlySpan<SessionId> order)
    {
        bool swapped = true;
        foreach (SessionId session in order)
        {
            swapped &= Swap(ref _words[session.Value >> 24]);
        }

        return swapped;
    }

    /// <summary>Swaps the words in an order.</summary>
    public bool Swap(ReadOnlySpan<ulong> order)
    {
        bool swapped = true;
        foreach (ulong index in order)
        {
            swapped &= Swap(ref _words[index]);
        }

        return swapped;
    }

    /// <summary>Looks the clients up, and swaps their words.</summary>
    public bool Swap(ConcurrentDictionary<string, ulong> index, ReadOnlySpan<string> clients)
    {
        bool swapped = true;
        foreach (string client in clients)
        {
            swapped &= Swap(index, client);
        }

        return swapped;
    }

    /// <summary>
    /// A call per heartbeat, as whoever receives one makes. Without, the compiler melts lookups of different clients into one loop, where the processor
    /// overlaps their cache misses; no library can be called that way.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Swap(ConcurrentDictionary<string, ulong> index, string client) =>
        index.TryGetValue(client, out ulong word) && Swap(ref _words[word]);

    private static bool Swap(ref long word)
    {
        long seen = Volatile.Read(ref word);
        return Interlocked.CompareExchange(ref word, seen + 1, seen) == seen;
    }
}
