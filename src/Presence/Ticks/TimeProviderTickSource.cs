using Presence.Ticks;

namespace Presence;

/// <summary>Ticks at a fixed interval by the monotonic clock of a <see cref="TimeProvider"/>. The default source.</summary>
/// <remarks>
/// <para>Ticks fall due on a fixed grid, so lateness of one doesn't move the next and the rate has no drift. A tick that comes an
/// interval or more late says so, stands for all that were missed, and starts a new grid: the next one is due a full interval
/// later, time enough to read the heartbeats that piled up. One that would come late by a quarter of an interval or more (and by 10 ms) is put off by half of one for the
/// same reason, once, and starts a new grid as well.</para>
/// <para>By <see cref="TimeProvider.System"/> they come from a background thread of the source's own, which runs while it has subscribers: work that waits in the
/// thread pool delays no tick. It serves all subscribers of the source one after another, so a host with many trackers, one for each room or match, shares one source among
/// them. By any other clock they come from its timers.</para>
/// <para>Thread safety: may be subscribed to from any thread; every subscriber has a grid of its own.</para>
/// </remarks>
public sealed class TimeProviderTickSource : ITickSource
{
    private readonly TimeSpan _interval;
    private readonly TimeProvider _timeProvider;
    private readonly TickThread _thread;

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
        _thread = new TickThread(interval);
    }

    /// <summary>Starts to push ticks, the first one interval from now.</summary>
    /// <param name="onTick">Takes each tick. It returns soon, as other subscribers wait for it. What it throws is raised by <see cref="TaskScheduler.UnobservedTaskException"/>.</param>
    /// <returns>Dispose it to stop. Hold it until then: as with a timer of the system's, ticks end when nobody does.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="onTick"/> is null.</exception>
    public IDisposable Subscribe(Action<Tick> onTick)
    {
        ArgumentNullException.ThrowIfNull(onTick);
        return _timeProvider == TimeProvider.System ? _thread.Subscribe(onTick) : new TickTimer(_interval, _timeProvider, onTick);
    }
}
