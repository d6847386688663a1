namespace Presence.Udp.Receiving;

/// <summary>How many datagrams had which outcome.</summary>
/// <remarks>Thread safety: one thread counts, without atomic operations; any thread reads.</remarks>
internal sealed class OutcomeCounts(KernelDrops drops)
{
    private readonly long[] _counts = new long[(int)DatagramOutcome.Dropped];

    public long this[DatagramOutcome outcome] => outcome == DatagramOutcome.Dropped ? drops.Total : Volatile.Read(ref _counts[(int)outcome]);

    public void Add(DatagramOutcome outcome)
    {
        ref long count = ref _counts[(int)outcome];
        Volatile.Write(ref count, count + 1);
    }
}
