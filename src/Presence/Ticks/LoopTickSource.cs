using Presence.Ticks;

namespace Presence;

/// <summary>Ticks from a host's own loop, such as a game's, once per interval of the time that the loop says has passed.</summary>
/// <remarks>
/// <para>A loop that stalled says so by a long time: an interval or more. Then one tick is pushed, as late, and the next is due an interval later: players whose heartbeats lie
/// unread are not expired. So frames are shorter than an interval. A loop that catches up by many short steps must not update by those, but once, by the time that really passed.</para>
/// <para>Thread safety: any member may be called from any thread; ticks are pushed one after another.</para>
/// </remarks>
public sealed class LoopTickSource : ITickSource
{
    private readonly Registrations<Action<Tick>> _subscribers = new();
    private readonly Lock _pushing = new(); // guards what follows, and puts ticks one after another
    private static readonly TimeSpan MaxElapsed = PresenceOptions.MaxTickInterval * 2;

    private readonly TimeSpan _interval;
    private readonly TickGrid _grid;
    private TimeSpan _elapsed;

    /// <summary>Makes a source that ticks once per interval.</summary>
    /// <param name="interval">From <see cref="PresenceOptions.MinTickInterval"/> to <see cref="PresenceOptions.MaxTickInterval"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="interval"/> is out of range.</exception>
    public LoopTickSource(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, PresenceOptions.MinTickInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, PresenceOptions.MaxTickInterval);
        _interval = interval;
        _grid = new TickGrid(interval, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Tick> onTick)
    {
        ArgumentNullException.ThrowIfNull(onTick);
        return _subscribers.Add(onTick);
    }

    /// <summary>Moves time on, and pushes a tick if one is due: never more than one. When it returns, every tracker on this source has judged.</summary>
    /// <param name="elapsed">The time since the last call, as a monotonic clock measures it: not clamped, and not a fixed step of the simulation. Zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elapsed"/> is negative.</exception>
    public void Update(TimeSpan elapsed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elapsed, TimeSpan.Zero);
        lock (_pushing)
        {
            _elapsed += elapsed < MaxElapsed ? elapsed : MaxElapsed; // a stall is a stall, however long, and pushes one tick
            if (_elapsed < _grid.Due)
            {
                return;
            }

            Tick tick = _grid.Take(_elapsed, hasStalled: elapsed >= _interval);
            foreach (Action<Tick> onTick in _subscribers.Current)
            {
                onTick(tick);
            }
        }
    }
}
