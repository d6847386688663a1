namespace Presence.Engine;

/// <summary>The 64 bits that are all the engine keeps of a session on its hot path.</summary>
/// <remarks>
/// <code>
/// bit 63   62 ........................ 24   23 ........ 0
///   0      deadline, the tick that ends it       tag
/// </code>
/// The sign bit stays clear, so that vectors compare words as signed integers, which every instruction set can do. The
/// deadline is on top, so that "due" is one comparison of whole words. The tag is the session's own: a heartbeat that carries
/// another tag is for a session that is over. Closed words start with two ones, over every deadline of the first 13 years of 1 ms ticks.
/// </remarks>
internal static class SessionWord
{
    public const int TagBits = 24;
    public const uint TagMask = (1u << TagBits) - 1;
    public const long OneTick = 1L << TagBits;

    /// <summary>Tags from here up mark a word that has no live session; no session is given one.</summary>
    public const uint FirstReservedTag = EndingTag;

    /// <summary>No session. It is greater than every live word, so the sweep never finds it due.</summary>
    public const long Free = long.MaxValue;

    /// <summary>From here on the heartbeats of a session that is being changed are counted in a circle.</summary>
    public const int ManyHeartbeats = (MaxExtra + 1) / 2;

    private const uint ClosingTag = TagMask - 2;
    private const uint ArrivingTag = TagMask - 3;
    private const uint ChangingTag = TagMask - 4;
    private const uint ProvisionalTag = TagMask - 5;
    private const uint EndingTag = ProvisionalTag - EndingTags; // the first of many, which tell when
    private const uint EndingTags = 1 << 10;
    private const long NeverDue = 3L << 61;
    private const int ExtraShift = 2 * TagBits; // 13 bits that each kind of closed word uses in its own way
    private const int MaxExtra = (1 << 13) - 1;
    private const int MaxOverdue = (1 << 12) - 1;
    private const long EndedProvision = MaxOverdue + 1;

    public static long Live(long deadline, uint tag) => (deadline << TagBits) | tag;

    /// <summary>Closed as expired, and waiting for its end to be seen to; still knows whose it was, how long it was due, at which tick that was, and whether a provision held for it.</summary>
    public static long Ending(uint tag, long overdue, long closedAt = 0, bool hadProvision = false) =>
        Special(Math.Min(overdue, MaxOverdue) | (hadProvision ? EndedProvision : 0), tag, EndingTag + (uint)(closedAt % EndingTags));

    /// <summary>
    /// Closed by a join or leave that is seeing to its end. If by a join, it names the slot of the session that takes its place: that is the client's from this very moment on.
    /// </summary>
    public static long Closing(uint successor) => NeverDue | ((long)successor << TagBits) | ClosingTag;

    /// <summary>A session that a join is about to start, unless a heartbeat of its client does so first.</summary>
    public static long Arriving(uint tag) => Special(0, tag, ArrivingTag);

    /// <summary>A session whose limit is being changed. Heartbeats meanwhile add themselves to it.</summary>
    public static long Changing(uint tag) => Special(0, tag, ChangingTag);

    /// <summary>A session for which a <see cref="Provision"/> holds.</summary>
    public static long Provisional(uint tag, int version) => Special(version & MaxExtra, tag, ProvisionalTag);

    public static bool IsClosing(long word) => TagOf(word) == ClosingTag;

    public static uint SuccessorOf(long closing) => (uint)(closing >> TagBits);

    public static bool IsArriving(long word) => TagOf(word) == ArrivingTag;

    public static bool IsChanging(long word) => TagOf(word) == ChangingTag;

    /// <summary>A word of a session that is being changed, with one heartbeat more: always another word, also when there are more than it can count.</summary>
    public static long WithHeartbeat(long changing) => changing + ((HeartbeatsOf(changing) == MaxExtra ? ManyHeartbeats - MaxExtra : 1L) << ExtraShift);

    /// <summary>How many heartbeats came while a session is being changed; <see cref="ManyHeartbeats"/> or more if it lost count.</summary>
    public static int HeartbeatsOf(long changing) => ExtraOf(changing);

    public static bool IsProvisional(long word) => TagOf(word) == ProvisionalTag;

    public static bool IsEnding(long word, uint tag) => IsEnding(word) && OwnTagOf(word) == tag;

    /// <summary>The tick that closed it, if that is fewer than 1,024 ticks ago.</summary>
    public static long ClosedAtOf(long ending, long now) => now - ((now - (TagOf(ending) - EndingTag)) & (EndingTags - 1));

    public static int OverdueOf(long ending) => ExtraOf(ending) & MaxOverdue;

    public static bool HadProvision(long ending) => (ExtraOf(ending) & EndedProvision) != 0;

    public static uint TagOf(long word) => (uint)word & TagMask;

    /// <summary>The tag of the session whose word it is; a reserved tag if it is nobody's, or that of one whose end is being seen to.</summary>
    public static uint OwnTagOf(long word) => IsEnding(word) || TagOf(word) is ArrivingTag or ChangingTag or ProvisionalTag ? TagOf(word >> TagBits) : TagOf(word);

    public static long DeadlineOf(long word) => word >> TagBits;

    /// <summary>The least word, of a session with this limit, that is not due and has no count over <paramref name="count"/> at tick <paramref name="now"/>.</summary>
    public static long BoundOver(int count, int limit, long now) => DueBound(now + Math.Max(0, limit - (long)count));

    /// <summary>The least word that is not due at tick <paramref name="now"/>.</summary>
    public static long DueBound(long now) => (now + 1) << TagBits;

    private static long Special(long extra, uint tag, uint kind) => NeverDue | (extra << ExtraShift) | ((long)tag << TagBits) | kind;

    private static bool IsEnding(long word) => TagOf(word) is >= EndingTag and < ProvisionalTag;

    private static int ExtraOf(long word) => (int)(word >> ExtraShift) & MaxExtra;
}
