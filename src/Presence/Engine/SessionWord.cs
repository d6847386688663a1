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
    public const uint FirstReservedTag = ArrivingTag;

    /// <summary>No session. It is greater than every live word, so the sweep never finds it due.</summary>
    public const long Free = long.MaxValue;

    private const uint EndingTag = TagMask - 1;
    private const uint ClosingTag = TagMask - 2;
    private const uint ArrivingTag = TagMask - 3;
    private const long NeverDue = 3L << 61;
    private const int OverdueShift = 2 * TagBits;
    private const int MaxOverdue = (1 << 13) - 1;

    public static long Live(long deadline, uint tag) => (deadline << TagBits) | tag;

    /// <summary>Closed as expired, and waiting for its end to be seen to; still knows whose it was and how long it was due.</summary>
    public static long Ending(uint tag, long overdue) =>
        NeverDue | (Math.Min(overdue, MaxOverdue) << OverdueShift) | ((long)tag << TagBits) | EndingTag;

    /// <summary>
    /// Closed by a join or leave that is seeing to its end. If by a join, it names the slot of the session that takes its place: that is the client's from this very moment on.
    /// </summary>
    public static long Closing(uint successor) => NeverDue | ((long)successor << TagBits) | ClosingTag;

    /// <summary>A session that a join is about to start, unless a heartbeat of its client does so first.</summary>
    public static long Arriving(uint tag) => NeverDue | ((long)tag << TagBits) | ArrivingTag;

    public static bool IsClosing(long word) => TagOf(word) == ClosingTag;

    public static uint SuccessorOf(long closing) => (uint)(closing >> TagBits);

    public static bool IsArriving(long word) => TagOf(word) == ArrivingTag;

    public static bool IsEnding(long word, uint tag) => (word & ~((long)MaxOverdue << OverdueShift)) == Ending(tag, 0);

    public static int OverdueOf(long ending) => (int)(ending >> OverdueShift) & MaxOverdue;

    public static uint TagOf(long word) => (uint)word & TagMask;

    /// <summary>The tag of the session whose word it is; a reserved tag if it is nobody's, or that of one whose end is being seen to.</summary>
    public static uint OwnTagOf(long word) => TagOf(word) is EndingTag or ArrivingTag ? TagOf(word >> TagBits) : TagOf(word);

    public static long DeadlineOf(long word) => word >> TagBits;

    /// <summary>The least word, of a session with this limit, that is not due and has no count over <paramref name="count"/> at tick <paramref name="now"/>.</summary>
    public static long BoundOver(int count, int limit, long now) => DueBound(now + Math.Max(0, limit - (long)count));

    /// <summary>The least word that is not due at tick <paramref name="now"/>.</summary>
    public static long DueBound(long now) => (now + 1) << TagBits;
}
