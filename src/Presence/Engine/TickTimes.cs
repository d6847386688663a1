namespace Presence.Engine;

/// <summary>When the last ticks came: a session's word says at which tick it was heard from, and this when that was.</summary>
/// <remarks>
/// Bounded: what is older than the ticks that are kept is reckoned by the interval. Ticks that don't count have no number, and only move the last moment. Thread safety: ticks, which come one at a time, write; anyone reads.
/// </remarks>
internal sealed class TickTimes
{
    private const int Kept = 1024;

    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _interval;
    private readonly long[] _timestamps = new long[Kept];
    private Moment _last; // guarded by its version: odd while it is written
    private int _version;

    public TickTimes(TimeProvider timeProvider, TimeSpan interval)
    {
        (_timeProvider, _interval) = (timeProvider, interval);
        OnTick(0);
    }

    /// <summary>Takes note of a tick that counts, before anyone can see its number.</summary>
    public void OnTick(long tick)
    {
        long timestamp = _timeProvider.GetTimestamp();
        Volatile.Write(ref _timestamps[tick % Kept], timestamp);
        SetLast(new Moment(tick, timestamp, _timeProvider.GetUtcNow()));
    }

    /// <summary>Takes note of a tick that does not count.</summary>
    public void OnWithheldTick() => SetLast(new Moment(_last.Tick, _timeProvider.GetTimestamp(), _timeProvider.GetUtcNow()));

    /// <summary>How long before the last tick, of whatever kind, another one came, and the time of day then.</summary>
    public (TimeSpan Ago, DateTimeOffset Time) Of(long tick)
    {
        Moment last = ReadLast();
        long kept = Math.Clamp(tick, Math.Max(0, last.Tick - (Kept - 2)), last.Tick); // the next tick may be overwriting the oldest
        TimeSpan ago = _timeProvider.GetElapsedTime(Volatile.Read(ref _timestamps[kept % Kept]), last.Timestamp) + (Math.Max(0, kept - tick) * _interval);
        ago = ago < TimeSpan.Zero ? TimeSpan.Zero : ago;
        return (ago, last.Time - ago);
    }

    private void SetLast(in Moment moment)
    {
        Interlocked.Increment(ref _version);
        _last = moment;
        Interlocked.Increment(ref _version);
    }

    private Moment ReadLast()
    {
        while (true)
        {
            int version = Volatile.Read(ref _version);
            Moment last = _last;
            Volatile.ReadBarrier();
            if ((version & 1) == 0 && Volatile.Read(ref _version) == version)
            {
                return last;
            }
        }
    }

    private readonly record struct Moment(long Tick, long Timestamp, DateTimeOffset Time);
}
