namespace Presence;

/// <summary>Ticks when it is told to: for tests.</summary>
/// <remarks>It doesn't know of time: to push the ticks that a host missed would expire clients who are alive. A host with a loop of its own takes a <see cref="LoopTickSource"/>.
/// Thread safety: any member may be called from any thread; ticks are pushed one after another.</remarks>
public sealed class ManualTickSource : ITickSource
{
    private readonly Registrations<Action<Tick>> _subscribers = new();
    private readonly Lock _pushing = new(); // puts ticks one after another; whoever ends a subscription doesn't wait for it

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Tick> onTick)
    {
        ArgumentNullException.ThrowIfNull(onTick);
        return _subscribers.Add(onTick);
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
        lock (_pushing)
        {
            foreach (Action<Tick> onTick in _subscribers.Current)
            {
                onTick(tick);
            }
        }
    }
}
