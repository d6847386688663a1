namespace Presence.Udp.Receiving;

/// <summary>Counts the sessions that beat between two ticks, each once.</summary>
/// <remarks>
/// A session remembers the last period that it was counted in; numbers of periods are never used twice in the process, so that several listeners
/// can share keys. Thread safety: any thread reads the period; <see cref="Next"/> is for ticks, which come one at a time.
/// </remarks>
internal sealed class BeatCensus
{
    private static long _periods;

    private readonly PaddedCounts _period = new(1) { [0] = Interlocked.Increment(ref _periods) };

    /// <summary>The number of the time between the last tick and the next.</summary>
    public long Period => _period[0];

    public void Next() => _period[0] = Interlocked.Increment(ref _periods);
}
