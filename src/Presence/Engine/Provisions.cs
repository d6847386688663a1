using System.Collections.Concurrent;

namespace Presence.Engine;

/// <summary>The provisions of a chunk's sessions: few at a time.</summary>
/// <remarks>Thread safety: full; of one slot they are added under the lock of its client id.</remarks>
internal sealed class Provisions
{
    private static int _versions; // for all trackers: only that those of a slot don't repeat soon matters

    private readonly ConcurrentDictionary<int, Provision> _all = new(concurrencyLevel: 1, capacity: 7);

    public bool Any => !_all.IsEmpty;

    /// <summary>The slots for which a provision may hold; the word says whether one does.</summary>
    public IEnumerable<int> Slots => _all.Select(static pair => pair.Key);

    /// <summary>The provision that a word names.</summary>
    public Provision? Of(int index, long word) => Of(index)?.Of(word);

    /// <summary>The provision that was added last and not removed.</summary>
    public Provision? Of(int index) => _all.GetValueOrDefault(index);

    /// <summary>Adds a provision and writes its word, if the slot's is still the one that was seen. Until then the one that it replaces is found too.</summary>
    public bool TryAdd(SessionChunk chunk, int index, uint tag, long seen, in SessionTerms terms, Provision? replaced)
    {
        var added = new Provision(SessionWord.Provisional(tag, Interlocked.Increment(ref _versions)), terms, replaced);
        _all[index] = added;
        if (Interlocked.CompareExchange(ref chunk.Words[index], added.Word, seen) == seen)
        {
            added.ForgetPrevious();
            return true;
        }

        if (replaced is null)
        {
            Remove(index);
        }
        else
        {
            _all[index] = replaced; // its session may have ended by it, and its count is still to be read
        }

        return false;
    }

    public void Remove(int index) => _all.TryRemove(index, out _);

    public void Remove(int index, Provision provision) => _all.TryRemove(KeyValuePair.Create(index, provision));
}
