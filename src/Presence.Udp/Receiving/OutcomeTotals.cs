namespace Presence.Udp.Receiving;

/// <summary>How many datagrams had which outcome, on all receive threads of a listener.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class OutcomeTotals(IReadOnlyList<OutcomeCounts> threads, KernelDrops drops)
{
    public long this[DatagramOutcome outcome] => outcome == DatagramOutcome.Dropped ? drops.Total : threads.Sum(thread => thread[outcome]);

    public long Acknowledged => threads.Sum(static thread => thread.Acknowledged);

    public long Unacknowledged => threads.Sum(static thread => thread.Unacknowledged);

    public long Beating => threads.Sum(static thread => thread.Beating);
}
