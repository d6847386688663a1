namespace Presence.Udp.Sending;

/// <summary>When heartbeats are due, in time since the start: the first at once, then on a fixed grid with a phase of its own.</summary>
/// <remarks>
/// A beat that comes late does not move the next, so the rate has no drift; those that were missed are not made up for. The grid starts within an
/// interval, so at no time have fewer beats been due than intervals have passed. Thread safety: none.
/// </remarks>
/// <param name="interval">Time between two beats.</param>
/// <param name="phase">Where the grid starts, from zero to <paramref name="interval"/>.</param>
internal sealed class BeatSchedule(TimeSpan interval, TimeSpan phase)
{
    public TimeSpan Due { get; private set; }

    /// <summary>Has the next beat due at the first moment of the grid after <paramref name="now"/>.</summary>
    public void Advance(TimeSpan now) => Due = now < phase ? phase : phase + (interval * (1 + ((now - phase).Ticks / interval.Ticks)));
}
