namespace Presence.AspNetCore.Health;

/// <summary>Knows when a count last rose.</summary>
/// <remarks>Thread safety: none of its own.</remarks>
internal sealed class Trouble(TimeProvider clock)
{
    private long? _count;
    private long? _roseAt;

    public void Note(long count)
    {
        if (count > _count)
        {
            _roseAt = clock.GetTimestamp();
        }

        _count = count;
    }

    public bool IsWithin(TimeSpan time) => _roseAt is { } roseAt && clock.GetElapsedTime(roseAt) <= time;
}
