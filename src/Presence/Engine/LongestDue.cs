namespace Presence.Engine;

/// <summary>Of all the due that a sweep finds, those that have been so for longest: as many as a tick may see to.</summary>
/// <remarks>
/// Which of those that ended at the same tick comes first is left to their tags.
/// Thread safety: none; for ticks, which come one at a time.
/// </remarks>
internal sealed class LongestDue(int capacity)
{
    /// <summary>Whoever has been due for the shortest time is the first to give way.</summary>
    private readonly PriorityQueue<DueSession, long> _chosen = new(Comparer<long>.Create(static (one, other) => other.CompareTo(one)));

    /// <summary>Takes a session in, if need be in place of another.</summary>
    /// <returns>The one that has to wait, which may be this one; none if there is room for all.</returns>
    public DueSession? Offer(in DueSession due)
    {
        if (_chosen.Count == capacity)
        {
            return _chosen.EnqueueDequeue(due, OrderOf(due));
        }

        _chosen.Enqueue(due, OrderOf(due));
        return null;
    }

    /// <summary>Takes all out that are in, in no order.</summary>
    public List<DueSession> TakeAll()
    {
        List<DueSession> all = [.. _chosen.UnorderedItems.Select(item => item.Element)];
        _chosen.Clear();
        return all;
    }

    private static long OrderOf(in DueSession due) => SessionWord.Live(due.Terms.EndsAt, SessionWord.OwnTagOf(due.Word));
}
