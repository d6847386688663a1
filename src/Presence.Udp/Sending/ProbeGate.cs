namespace Presence.Udp.Sending;

/// <summary>Knows whether the application is alive: it is while no probe waits for its answer for two intervals.</summary>
/// <remarks>Thread safety: the sender's thread is the only caller; answers may come on any thread, at any time, more than once.</remarks>
internal sealed class ProbeGate(HeartbeatProbe probe, TimeSpan interval)
{
    private long _asked;
    private long _answered;
    private TimeSpan _askedAt;
    private bool _isPosted = true;

    /// <summary>How long a probe may wait for its answer.</summary>
    public TimeSpan Patience { get; } = 2 * interval;

    /// <summary>Why the last probe could not be posted, if it could not.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Asks anew if the last probe was answered, and tells whether the application is alive at a moment since the start.</summary>
    public bool IsOpen(TimeSpan now)
    {
        if (Volatile.Read(ref _answered) == _asked)
        {
            _asked++;
            _askedAt = now;
            _isPosted = TryPost();
        }
        else if (!_isPosted)
        {
            _isPosted = TryPost(); // still the same question, asked since the first attempt
        }

        return now - _askedAt < Patience;
    }

    private bool TryPost()
    {
        long asked = _asked;
        try
        {
            probe(() => Interlocked.CompareExchange(ref _answered, asked, asked - 1));
            Error = null;
            return true;
        }
        catch (Exception exception)
        {
            Error = exception;
            return false;
        }
    }
}
