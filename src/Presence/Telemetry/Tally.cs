namespace Presence.Telemetry;

/// <summary>A count that a metric shows when it is read, so that no listener runs where it is raised.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class Tally
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Add(long count = 1) => Interlocked.Add(ref _value, count);
}
