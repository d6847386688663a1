namespace Presence.Redis.Takeover;

/// <summary>When nobody is judged: while the store is away, and for a lease after, since clients may be about to log in again.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class Amnesty(TimeSpan lease, TimeProvider timeProvider)
{
    /// <summary>How late a renewal may be before it says that the store is away. It comes each third of a lease.</summary>
    private readonly TimeSpan _freshness = lease * 3 / 8;

    private readonly Lock _lock = new();
    private long _from = timeProvider.GetTimestamp();
    private TimeSpan _for;
    private long _renewedAt = timeProvider.GetTimestamp();

    /// <summary>For how long a verdict that was prepared may be given: one that lay in a socket for longer comes after the store was away.</summary>
    public TimeSpan Validity => lease / 4;

    /// <summary>How long the store may take to answer before that says that it is away.</summary>
    public TimeSpan Promptness => lease / 8;

    /// <summary>Judges nobody for a lease from now on.</summary>
    public void Extend() => Extend(lease);

    /// <summary>Takes in a renewal, and what the store says is left of the amnesty.</summary>
    public void OnRenewed(TimeSpan left)
    {
        lock (_lock)
        {
            _renewedAt = timeProvider.GetTimestamp();
        }

        Extend(left);
    }

    /// <summary>Waits until somebody may be judged.</summary>
    public async Task WhenOverAsync(CancellationToken cancellationToken)
    {
        while (Left() is { } left && left > TimeSpan.Zero)
        {
            await Task.Delay(left, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Extend(TimeSpan time)
    {
        lock (_lock)
        {
            long now = timeProvider.GetTimestamp();
            if (_for - timeProvider.GetElapsedTime(_from, now) < time)
            {
                (_from, _for) = (now, time);
            }
        }
    }

    private TimeSpan Left()
    {
        lock (_lock)
        {
            TimeSpan left = _for - timeProvider.GetElapsedTime(_from);
            bool isFresh = timeProvider.GetElapsedTime(_renewedAt) <= _freshness;
            return left > TimeSpan.Zero || isFresh ? left : lease / 50; // a renewal is due
        }
    }
}
