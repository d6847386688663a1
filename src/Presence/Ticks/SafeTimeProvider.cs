namespace Presence.Ticks;

/// <summary>The host's clock, which costs no tick and no callback if it throws: then the time is what it last was.</summary>
/// <remarks>Thread safety: that of the clock.</remarks>
internal sealed class SafeTimeProvider : TimeProvider
{
    private readonly TimeProvider _inner;
    private readonly Action<Exception> _onFirstFailure;
    private long _timestamp;
    private long _utcTicks;
    private bool _hasFailed;

    private SafeTimeProvider(TimeProvider inner, Action<Exception> onFirstFailure)
    {
        (_inner, _onFirstFailure) = (inner, onFirstFailure);
        TimestampFrequency = inner.TimestampFrequency;
        (_timestamp, _utcTicks) = (inner.GetTimestamp(), inner.GetUtcNow().UtcTicks); // one that never works is the host's to hear of, at once
    }

    public override long TimestampFrequency { get; }

    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    /// <summary>Wraps a clock of the host's; the system's own does not throw.</summary>
    public static TimeProvider Of(TimeProvider? timeProvider, Action<Exception> onFirstFailure) =>
        timeProvider is null || timeProvider == System ? System : new SafeTimeProvider(timeProvider, onFirstFailure);

    public override long GetTimestamp() => Read(ref _timestamp, static inner => inner.GetTimestamp());

    public override DateTimeOffset GetUtcNow() => new(Read(ref _utcTicks, static inner => inner.GetUtcNow().UtcTicks), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);

    private long Read(ref long last, Func<TimeProvider, long> read)
    {
        try
        {
            long now = read(_inner);
            Volatile.Write(ref last, now);
            return now;
        }
        catch (Exception exception)
        {
            if (!Interlocked.Exchange(ref _hasFailed, true))
            {
                _onFirstFailure(exception);
            }

            return Volatile.Read(ref last);
        }
    }
}
