namespace Presence.Ticks;

/// <summary>When one subscriber's ticks are due, as time since some moment.</summary>
/// <remarks>Thread safety: none.</remarks>
internal sealed class TickGrid(TimeSpan interval, TimeSpan now)
{
    /// <summary>Of an ordinary system's timers, when it is busy.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(10);

    private readonly TimeSpan _tolerance = interval / 4 > Jitter ? interval / 4 : Jitter;
    private bool _isPutOff;

    /// <summary>When the next tick is due.</summary>
    public TimeSpan Due { get; private set; } = now + interval;

    /// <summary>Puts the next tick off, once, by half an interval, if it would come by a quarter of one late or more, but not so late as to be withheld.</summary>
    /// <remarks>The server stood still for up to two intervals, and heartbeats of that time lie unread: they are read first.</remarks>
    public bool PutsOff(TimeSpan now)
    {
        TimeSpan delay = now - Due;
        if (_isPutOff || delay < _tolerance || delay >= interval)
        {
            return false;
        }

        Due = now + (interval / 2);
        _isPutOff = true;
        return true;
    }

    /// <summary>Takes the next tick, which comes now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hasStalled">Whether the tick is known to be late, however soon after its due time it comes.</param>
    public Tick Take(TimeSpan now, bool hasStalled = false)
    {
        TimeSpan delay = now > Due ? now - Due : TimeSpan.Zero;
        bool isLate = hasStalled || delay >= interval;
        Due = (isLate || _isPutOff ? now : Due) + interval; // a full one, in which every client sends
        _isPutOff = false;
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
