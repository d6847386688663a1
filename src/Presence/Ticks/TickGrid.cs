namespace Presence.Ticks;

/// <summary>When one subscriber's ticks are due, as time since some moment.</summary>
/// <remarks>Thread safety: none.</remarks>
internal sealed class TickGrid(TimeSpan interval, TimeSpan now)
{
    /// <summary>When the next tick is due.</summary>
    public TimeSpan Due { get; private set; } = now + interval;

    /// <summary>Takes the next tick, which comes now.</summary>
    public Tick Take(TimeSpan now)
    {
        TimeSpan delay = now > Due ? now - Due : TimeSpan.Zero;
        bool isLate = delay >= interval;
        Due = (isLate ? now : Due) + interval;
        return new Tick { Delay = delay, IsLate = isLate };
    }

    /// <summary>Hands a tick to a subscriber. One that throws stops nothing, and is heard of where exceptions of unobserved tasks are.</summary>
    public static void Push(Action<Tick> onTick, Tick tick)
    {
        try
        {
            onTick(tick);
        }
        catch (Exception exception)
        {
            Task.FromException(exception);
        }
    }
}
