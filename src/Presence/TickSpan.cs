namespace Presence;

/// <summary>A number of ticks, given as such or as a time: both convert to it by themselves.</summary>
/// <remarks>
/// <para>A tracker takes a time by its <see cref="PresenceOptions.TickInterval"/>, rounded up to whole ticks, so a client is never judged sooner than the time says. A tick source
/// that ticks at another interval does not change that: set the option to what the source does.</para>
/// <para>Thread safety: an immutable value.</para>
/// </remarks>
public readonly record struct TickSpan
{
    private TickSpan(int? ticks, TimeSpan? time) => (Ticks, Time) = (ticks, time);

    /// <summary>The ticks, if it was given in ticks.</summary>
    public int? Ticks { get; }

    /// <summary>The time, if it was given as one.</summary>
    public TimeSpan? Time { get; }

    /// <summary>So many ticks.</summary>
    /// <param name="ticks">The ticks. What uses them says which are in range.</param>
    public static implicit operator TickSpan(int ticks) => new(ticks, null);

    /// <summary>As many ticks as a time lasts.</summary>
    /// <param name="time">The time.</param>
    public static implicit operator TickSpan(TimeSpan time) => new(null, time);

    /// <summary>How many ticks it is.</summary>
    /// <param name="interval">The time between two ticks, over zero.</param>
    /// <returns>The ticks; those of a time rounded up, and at most <see cref="int.MaxValue"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="interval"/> is zero or negative.</exception>
    public int ToTicks(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        if (Time is not { } time)
        {
            return Ticks ?? 0;
        }

        (long whole, long rest) = Math.DivRem(time.Ticks, interval.Ticks);
        return (int)Math.Clamp(whole + (rest > 0 ? 1 : 0), int.MinValue, int.MaxValue);
    }
}
