namespace Presence.Udp.Receiving;

/// <summary>What one receive thread counts.</summary>
/// <remarks>Thread safety: one thread counts, without atomic operations; any thread reads.</remarks>
internal sealed class OutcomeCounts
{
    private const int AcknowledgedIndex = (int)DatagramOutcome.Dropped; // which no thread counts: the kernel does
    private const int UnacknowledgedIndex = AcknowledgedIndex + 1;
    private const int BeatingIndex = AcknowledgedIndex + 2;

    private readonly PaddedCounts _counts = new(BeatingIndex + 1);

    public long this[DatagramOutcome outcome] => _counts[(int)outcome];

    /// <summary>Acknowledgements that the system took.</summary>
    public long Acknowledged => _counts[AcknowledgedIndex];

    /// <summary>Acknowledgements that could not be sent.</summary>
    public long Unacknowledged => _counts[UnacknowledgedIndex];

    /// <summary>Sessions that beat, each counted once in a period of the census.</summary>
    public long Beating => _counts[BeatingIndex];

    public void Add(DatagramOutcome outcome) => _counts[(int)outcome]++;

    public void AddBeating() => _counts[BeatingIndex]++;

    public void AddAnswers(int asked, int sent)
    {
        _counts[AcknowledgedIndex] += sent;
        _counts[UnacknowledgedIndex] += asked - sent;
    }
}
