using System.Collections.Concurrent;

namespace Presence.Guards;

/// <summary>How many clients expired a short while ago: each counts for as many ticks as its limit has.</summary>
/// <remarks>Thread safety: <see cref="Add"/> may come from anywhere; the rest is for ticks, which come one at a time.</remarks>
internal sealed class RecentExpiries
{
    private readonly ConcurrentQueue<(int Limit, int Count)> _added = new();

    /// <summary>Counts, by the last tick at which they count.</summary>
    private readonly PriorityQueue<int, long> _counted = new();

    private int _total;

    public void Add(int limit, int count)
    {
        if (count > 0)
        {
            _added.Enqueue((limit, count));
        }
    }

    /// <summary>How many count at a tick: those that expired from a limit's time before it until the tick before.</summary>
    public int CountAt(long tick)
    {
        while (_added.TryDequeue(out (int Limit, int Count) added))
        {
            _counted.Enqueue(added.Count, tick - 1 + added.Limit);
            _total += added.Count;
        }

        while (_counted.TryPeek(out int count, out long lastTick) && lastTick < tick)
        {
            _counted.Dequeue();
            _total -= count;
        }

        return _total;
    }
}
