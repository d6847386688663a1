namespace Presence.Ticks;

/// <summary>Ticks from a timer of a <see cref="TimeProvider"/>, for one subscriber.</summary>
/// <remarks>The timer holds it weakly: a tracker that nobody holds is free to go, though it was not disposed of. Thread safety: ticks come one at a time.</remarks>
internal sealed class TickTimer : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly Action<Tick> _onTick;
    private readonly long _start;
    private readonly TickGrid _grid;
    private readonly ITimer _timer;

    public TickTimer(TimeSpan interval, TimeProvider timeProvider, Action<Tick> onTick)
    {
        _timeProvider = timeProvider;
        _onTick = onTick;
        _start = timeProvider.GetTimestamp();
        _grid = new TickGrid(interval, TimeSpan.Zero);
        _timer = timeProvider.CreateContextFreeTimer(OnDue, new WeakReference<TickTimer>(this));
        Arm();
    }

    public void Dispose() => _timer.Dispose();

    private static void OnDue(object? self)
    {
        if (((WeakReference<TickTimer>)self!).TryGetTarget(out TickTimer? timer))
        {
            timer.OnDue();
        }
    }

    // The timer is set for one tick at a time, after the one before has been taken, so two never overlap.
    private void OnDue()
    {
        TimeSpan now = Elapsed();
        if (!_grid.PutsOff(now))
        {
            TickGrid.Push(_onTick, _grid.Take(now));
        }

        Arm();
    }

    private void Arm()
    {
        TimeSpan wait = _grid.Due - Elapsed();
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Elapsed() => _timeProvider.GetElapsedTime(_start);
}
