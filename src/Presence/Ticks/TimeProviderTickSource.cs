namespace Presence;

/// <summary>Ticks at a fixed interval by the monotonic clock of a <see cref="TimeProvider"/>. The default source.</summary>
/// <remarks>
/// <para>Ticks fall due on a fixed grid, so lateness of one doesn't move the next and the rate has no drift. A tick that comes an
/// interval or more late says so, stands for all that were missed, and starts a new grid: the next one is due a full interval
/// later, time enough to read the heartbeats that piled up.</para>
/// <para>Thread safety: may be subscribed to from any thread; every subscriber has a grid and a timer of its own.</para>
/// </remarks>
public sealed class TimeProviderTickSource : ITickSource
{
    private readonly TimeSpan _interval;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes a source that ticks once per interval.</summary>
    /// <param name="interval">From <see cref="PresenceOptions.MinTickInterval"/> to <see cref="PresenceOptions.MaxTickInterval"/>.</param>
    /// <param name="timeProvider">The clock; null for <see cref="TimeProvider.System"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="interval"/> is out of range.</exception>
    public TimeProviderTickSource(TimeSpan interval, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, PresenceOptions.MinTickInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, PresenceOptions.MaxTickInterval);
        _interval = interval;
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Tick> onTick)
    {
        ArgumentNullException.ThrowIfNull(onTick);
        return new Schedule(_interval, _timeProvider, onTick);
    }

    private sealed class Schedule : IDisposable
    {
        private readonly TimeSpan _interval;
        private readonly TimeProvider _timeProvider;
        private readonly Action<Tick> _onTick;
        private readonly ITimer _timer;
        private readonly long _start;
        private TimeSpan _due; // since _start

        public Schedule(TimeSpan interval, TimeProvider timeProvider, Action<Tick> onTick)
        {
            _interval = interval;
            _timeProvider = timeProvider;
            _onTick = onTick;
            _start = timeProvider.GetTimestamp();
            _due = interval;
            _timer = timeProvider.CreateTimer(static self => ((Schedule)self!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Arm();
        }

        public void Dispose() => _timer.Dispose();

        // The timer is set for one tick at a time, after the one before has been taken, so two never overlap.
        private void OnDue()
        {
            TimeSpan elapsed = Elapsed();
            TimeSpan delay = elapsed > _due ? elapsed - _due : TimeSpan.Zero;
            bool isLate = delay >= _interval;
            _due = (isLate ? elapsed : _due) + _interval;
            _onTick(new Tick { Delay = delay, IsLate = isLate });
            Arm();
        }

        private void Arm()
        {
            TimeSpan wait = _due - Elapsed();
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        private TimeSpan Elapsed() => _timeProvider.GetElapsedTime(_start);
    }
}
