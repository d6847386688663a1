namespace Presence.Udp.Sending;

/// <summary>Knows whether the application is alive: it is while no probe waits for its answer for longer than it may.</summary>
/// <remarks>
/// Thread safety: the sender's thread is the only caller of <see cref="IsOpen"/>; answers may come on any thread, at any time, more than once, and
/// the rest may be read and set on any.
/// </remarks>
/// <param name="probe">Asks the application.</param>
/// <param name="interval">Time between two moments at which the gate is asked.</param>
/// <param name="patience">How long a probe may wait for its answer.</param>
internal sealed class ProbeGate(HeartbeatProbe probe, TimeSpan interval, TimeSpan patience)
{
    /// <summary>
    /// Patience of whole intervals runs out just when the gate is asked, so without a margin the sender's wake-up would decide, now this way and now that.
    /// </summary>
    private readonly TimeSpan _margin = interval / 4;

    private long _patience = patience.Ticks;
    private long _asked;
    private long _answered;
    private long _askedAt;
    private bool _isPosted = true;
    private volatile Exception? _error;

    public TimeSpan Patience
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _patience));
        set => Volatile.Write(ref _patience, value.Ticks);
    }

    /// <summary>Why the last probe could not be posted, if it could not.</summary>
    public Exception? Error => _error;

    /// <summary>Asks anew if the last probe was answered, and tells whether the application is alive at a moment since the start.</summary>
    public bool IsOpen(TimeSpan now)
    {
        if (Volatile.Read(ref _answered) == _asked)
        {
            Volatile.Write(ref _askedAt, now.Ticks);
            Volatile.Write(ref _asked, _asked + 1);
            _isPosted = TryPost();
        }
        else if (!_isPosted)
        {
            _isPosted = TryPost(); // still the same question, asked since the first attempt
        }

        return now - TimeSpan.FromTicks(_askedAt) < Patience - _margin;
    }

    /// <summary>Whether the application has not answered for as long as it may take, also while it blocks the probe itself.</summary>
    public bool IsOverdue(TimeSpan now) =>
        Volatile.Read(ref _answered) != Volatile.Read(ref _asked) && now - TimeSpan.FromTicks(Volatile.Read(ref _askedAt)) >= Patience;

    private bool TryPost()
    {
        long asked = _asked;
        try
        {
            probe(() => Interlocked.CompareExchange(ref _answered, asked, asked - 1));
            _error = null;
            return true;
        }
        catch (Exception exception)
        {
            _error = exception;
            return false;
        }
    }
}
