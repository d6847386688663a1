namespace Presence.Udp.Sending;

/// <summary>Knows whether the application is alive: it is while no probe waits for its answer for longer than it may.</summary>
/// <remarks>Thread safety: the sender's thread is the only caller; answers may come on any thread, at any time, more than once.</remarks>
/// <param name="probe">Asks the application.</param>
/// <param name="interval">Time between two moments at which the gate is asked.</param>
/// <param name="patience">How long a probe may wait for its answer.</param>
internal sealed class ProbeGate(HeartbeatProbe probe, TimeSpan interval, TimeSpan patience)
{
    /// <summary>
    /// Patience of whole intervals runs out just when the gate is asked, so without a margin the sender's wake-up would decide, now this way and now that.
    /// </summary>
    private readonly TimeSpan _allowed = patience - (interval / 4);

    private long _asked;
    private long _answered;
    private TimeSpan _askedAt;
    private bool _isPosted = true;

    public TimeSpan Patience => patience;

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

        return now - _askedAt < _allowed;
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
