namespace Presence.Udp.Sending;

/// <summary>When heartbeats are due: the first at once, then on a fixed grid with a phase of its own.</summary>
/// <remarks>
/// A beat that comes late does not move the next, so the rate has no drift; those that were missed are not made up for. The grid starts within an
/// interval, so at no time have fewer beats been due than intervals have passed. Thread safety: none.
/// </remarks>
/// <param name="interval">Time between two beats.</param>
/// <param name="start">When the first is due.</param>
/// <param name="phase">Where the grid starts after that, from zero to <paramref name="interval"/>.</param>
internal sealed class BeatSchedule(TimeSpan interval, TimeSpan start, TimeSpan phase)
{
    private readonly TimeSpan _grid = start + phase;

    public TimeSpan Due { get; private set; } = start;

    /// <summary>Has the next beat due at the first moment of the grid after <paramref name="now"/>.</summary>
    public void Advance(TimeSpan now) => Due = now < _grid ? _grid : _grid + (interval * (1 + ((now - _grid).Ticks / interval.Ticks)));
}
