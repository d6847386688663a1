namespace Presence.Engine;

/// <summary>Which of the due a tick keeps although they are due, each by its own limit. The default keeps nobody.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
internal readonly record struct ExpiryHold
{
    /// <summary>Whether anybody may be kept.</summary>
    public bool IsOn { get; init; }

    /// <summary>For how many ticks at most; null for twice the session's limit.</summary>
    public int? MaxTicks { get; init; }

    /// <summary>Sessions with this limit or a shorter one are kept no more: one was kept for its time, and in vain.</summary>
    public int SpentLimit { get; init; }

    /// <summary>For how many ticks a session with this limit is kept at most.</summary>
    public long TicksFor(int limit) => MaxTicks ?? 2L * limit;

    /// <summary>Whether a session that is due is kept.</summary>
    /// <param name="limit">The session's limit.</param>
    /// <param name="overdue">For how many ticks it has been due; 0 at the first.</param>
    public bool Keeps(int limit, long overdue) => IsOn && limit > SpentLimit && overdue < TicksFor(limit);
}
