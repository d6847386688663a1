namespace Presence;

/// <summary>Ticks when it is told to: for tests, and for hosts with a loop of their own, such as games.</summary>
/// <remarks>Thread safety: any member may be called from any thread; ticks are pushed one after another.</remarks>
public sealed class ManualTickSource : ITickSource
{
    private readonly Lock _gate = new(); // guards the subscribers, and is held while a tick is pushed
    private readonly List<Subscription> _subscribers = [];

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Tick> onTick)
    {
        ArgumentNullException.ThrowIfNull(onTick);
        var subscription = new Subscription(this, onTick);
        lock (_gate)
        {
            _subscribers.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Pushes ticks that come in time. When it returns, every tracker on this source has judged.</summary>
    /// <param name="ticks">How many, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ticks"/> is negative.</exception>
    public void Advance(int ticks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ticks);
        for (int i = 0; i < ticks; i++)
        {
            Push(default);
        }
    }

    /// <summary>Pushes one tick that comes late, as after a pause of the whole process.</summary>
    /// <param name="delay">How late, over zero.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is zero or negative.</exception>
    public void AdvanceLate(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(delay, TimeSpan.Zero);
        Push(new Tick { Delay = delay, IsLate = true });
    }

    private void Push(Tick tick)
    {
        lock (_gate)
        {
            foreach (Subscription subscriber in _subscribers.ToArray()) // a subscriber may unsubscribe while it is called
            {
                subscriber.OnTick(tick);
            }
        }
    }

    private sealed class Subscription(ManualTickSource source, Action<Tick> onTick) : IDisposable
    {
        public Action<Tick> OnTick => onTick;

        public void Dispose()
        {
            lock (source._gate)
            {
                source._subscribers.Remove(this);
            }
        }
    }
}
