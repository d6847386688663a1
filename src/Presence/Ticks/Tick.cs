namespace Presence;

/// <summary>One push of a tick source. The default value is a tick that came in time.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct Tick
{
    /// <summary>How long after its due time the tick came; only logged.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// Whether the tick came an interval or more after its due time. Then the server stood still and heartbeats lie unread in
    /// its buffers, so a tracker withholds the tick: it counts against nobody.
    /// </summary>
    public bool IsLate { get; init; }

    /// <summary>
    /// Whether work waits in the thread pool for longer than an interval. Then heartbeats may wait there too, and a tracker withholds the tick. The default source
    /// finds it out if it ticks by <see cref="TimeProvider.System"/>; no other source of this package says it.
    /// </summary>
    public bool IsPoolStarved { get; init; }
}
