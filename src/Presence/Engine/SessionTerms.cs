namespace Presence.Engine;

/// <summary>What a session is judged by at the moment at which it was read.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
internal readonly record struct SessionTerms
{
    /// <summary>The tick at which its count exceeds its limit.</summary>
    public required long Deadline { get; init; }

    /// <summary>The tick at which its limit ends it: the deadline; or later, the next tick, if a new limit put the deadline into the past.</summary>
    public required long LimitEndsAt { get; init; }

    /// <summary>The tick at which a short notice ends it; 0 if it has none.</summary>
    public long NoticeEndsAt { get; init; }

    /// <summary>The tick that ends it.</summary>
    public long EndsAt => IsNotice ? Math.Min(LimitEndsAt, NoticeEndsAt) : LimitEndsAt;

    /// <summary>Its limit.</summary>
    public required int Limit { get; init; }

    /// <summary>Whether the limit is that of a session that has had no heartbeat yet.</summary>
    public bool IsFirst { get; init; }

    public bool IsNotice => NoticeEndsAt > 0;

    /// <summary>Whether a word alone says all that.</summary>
    public bool IsPlain => LimitEndsAt == Deadline && !IsFirst && !IsNotice;

    public static SessionTerms Plain(long deadline, int limit) => new() { Deadline = deadline, LimitEndsAt = deadline, Limit = limit };

    public int CountAt(long now) => (int)(now + Limit + 1 - Deadline);

    /// <summary>What it is judged by from a heartbeat on.</summary>
    public SessionTerms AfterHeartbeat(HeartbeatRule rule, int limit, long now)
    {
        long reset = now + limit + 1;
        bool isPaidOff = rule == HeartbeatRule.Decrement && !IsFirst && Deadline > now; // else it starts at 0: for the first time, or rescued from over its limit
        return Plain(isPaidOff ? Math.Min(Deadline, reset) + 1 : reset, limit);
    }

    /// <summary>What it is judged by with another limit: the count goes on.</summary>
    public SessionTerms WithLimit(int limit, long now)
    {
        long deadline = Deadline + limit - Limit;
        return new SessionTerms { Deadline = deadline, LimitEndsAt = Math.Max(deadline, now + 1), NoticeEndsAt = NoticeEndsAt, Limit = limit };
    }

    /// <summary>What it is judged by on short notice, which replaces an earlier one.</summary>
    public SessionTerms OnNotice(int ticks, long now) => this with { NoticeEndsAt = now + ticks };
}
