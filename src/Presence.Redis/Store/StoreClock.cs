namespace Presence.Redis.Store;

/// <summary>The store's clock as this server reckons it, from answers that carry the store's time: never behind it.</summary>
/// <remarks>
/// An answer tells the time to within its round trip (Cristian, "Probabilistic clock synchronization", 1989), and we take it to have been given at the start of that:
/// a join that followed another must not look older. The best answer is kept until its error, with what two clocks drift apart
/// meanwhile, exceeds that of a new one. If the store's clock goes back, as when a replica is behind, this one does not, but loses what it is then ahead
/// by 1 ms a second. Thread safety: any thread.
/// </remarks>
internal sealed class StoreClock(TimeProvider timeProvider)
{
    private const double DriftPerMicrosecond = 100e-6;
    private const double SlewPerMicrosecond = 1e-3;

    private readonly Lock _lock = new();
    private readonly long _origin = timeProvider.GetTimestamp();
    private double _offset = double.NegativeInfinity;
    private double _error = double.PositiveInfinity;
    private double _ahead;
    private double _observedAt;

    /// <summary>Takes in an answer.</summary>
    /// <param name="storeTime">The store's time in the answer, in microseconds.</param>
    /// <param name="sent">The local timestamp before the question.</param>
    public void Observe(long storeTime, long sent)
    {
        long received = timeProvider.GetTimestamp();
        double error = MicrosecondsBetween(sent, received);
        lock (_lock)
        {
            double now = MicrosecondsBetween(_origin, received);
            bool isBehind = storeTime > now + OffsetAt(now); // whatever the answer's error, the store's clock has passed what it shows
            if (error > _error + ((now - _observedAt) * DriftPerMicrosecond) && !isBehind)
            {
                return;
            }

            double offset = storeTime - (now - error);
            double steppedBack = _offset - _error - ((now - _observedAt) * DriftPerMicrosecond) - offset; // the least that it was, less what it can be now
            _ahead = AheadAt(now) + Math.Max(0, steppedBack);
            (_offset, _error, _observedAt) = (offset, error, now);
        }
    }

    /// <summary>What the store's clock showed at a local timestamp, in microseconds.</summary>
    public long At(long timestamp)
    {
        lock (_lock)
        {
            double now = MicrosecondsBetween(_origin, timeProvider.GetTimestamp());
            return (long)(MicrosecondsBetween(_origin, timestamp) + OffsetAt(now));
        }
    }

    private double OffsetAt(double now) => _offset + ((now - _observedAt) * DriftPerMicrosecond) + AheadAt(now);

    private double AheadAt(double now) => Math.Max(0, _ahead - ((now - _observedAt) * SlewPerMicrosecond));

    private double MicrosecondsBetween(long from, long to) => timeProvider.GetElapsedTime(from, to).TotalMicroseconds;
}
