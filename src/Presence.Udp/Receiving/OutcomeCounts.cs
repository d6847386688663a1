namespace Presence.Udp.Receiving;

/// <summary>How many datagrams had which outcome.</summary>
/// <remarks>Thread safety: one thread counts, without atomic operations; any thread reads.</remarks>
internal sealed class OutcomeCounts(KernelDrops drops)
{
    private readonly long[] _counts = new long[(int)DatagramOutcome.Dropped];
    private long _acknowledged;
    private long _unacknowledged;

    /// <summary>Acknowledgements that the system took.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Acknowledgements that could not be sent.</summary>
    public long Unacknowledged => Volatile.Read(ref _unacknowledged);

    public long this[DatagramOutcome outcome] => outcome == DatagramOutcome.Dropped ? drops.Total : Volatile.Read(ref _counts[(int)outcome]);

    public void Add(DatagramOutcome outcome)
    {
        ref long count = ref _counts[(int)outcome];
        Volatile.Write(ref count, count + 1);
    }

    public void AddAnswers(int asked, int sent)
    {
        Volatile.Write(ref _acknowledged, _acknowledged + sent);
        Volatile.Write(ref _unacknowledged, _unacknowledged + asked - sent);
    }
}
