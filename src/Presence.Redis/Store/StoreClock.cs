namespace Presence.Redis.Store;

/// <summary>The store's clock as this server reckons it, from answers that carry the store's time: never behind it.</summary>
/// <remarks>
/// An answer tells the time to within its round trip (Cristian, "Probabilistic clock synchronization", 1989), and we take it to have been given at the start of that:
/// a join that followed another must not look older. The best answer is kept until its error, with what two clocks drift apart
/// meanwhile, exceeds that of a new one. The clock jumps forward at once, and loses what it is ahead by 1 ms a second, so it never goes back.
/// Thread safety: any thread.
/// </remarks>
internal sealed class StoreClock(TimeProvider timeProvider)
{
    private const double DriftPerMicrosecond = 100e-6;
    private const double SlewPerMicrosecond = 1e-3;

    private readonly Lock _lock = new();
    private readonly long _origin = timeProvider.GetTimestamp();
    private double _offset;
    private double _error = double.PositiveInfinity;
    private long _observedAt;
    private double _target;

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
            if (error > _error + ((now - _observedAt) * DriftPerMicrosecond))
            {
                return;
            }

            bool isFirst = double.IsPositiveInfinity(_error);
            double current = OffsetAt(now);
            _target = storeTime - (now - error);
            _offset = isFirst ? _target : Math.Max(_target, current);
            _error = error;
            _observedAt = (long)now;
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

    private double OffsetAt(double now)
    {
        double age = now - _observedAt;
        return Math.Max(_target + (age * DriftPerMicrosecond), _offset - (age * SlewPerMicrosecond));
    }

    private double MicrosecondsBetween(long from, long to) => timeProvider.GetElapsedTime(from, to).TotalMicroseconds;
}
