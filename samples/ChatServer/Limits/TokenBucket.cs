namespace ChatServer;

/// <summary>Fills at a steady rate, up to what it holds.</summary>
/// <remarks>Thread safety: one caller at a time.</remarks>
internal sealed class TokenBucket(double perSecond, double capacity, TimeProvider timeProvider)
{
    private readonly double _capacity = capacity;
    private double _tokens = capacity;
    private long _filled = timeProvider.GetTimestamp();

    /// <summary>Takes a token if there is one.</summary>
    public bool TryTake()
    {
        Fill();
        bool isThere = _tokens >= 1;
        _tokens -= isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>Takes a token, whether there is one or not.</summary>
    /// <returns>What is left; below zero it is a debt, which says by how much its owner overdid it.</returns>
    public double Take()
    {
        Fill();
        return --_tokens;
    }

    private void Fill()
    {
        long now = timeProvider.GetTimestamp();
        _tokens = Math.Min(_capacity, _tokens + (perSecond * timeProvider.GetElapsedTime(_filled, now).TotalSeconds));
        _filled = now;
    }
}
