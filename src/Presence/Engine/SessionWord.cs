namespace Presence.Engine;

/// <summary>The 64 bits that are all the engine keeps of a session on its hot path.</summary>
/// <remarks>
/// <code>
/// bit 63   62 ........................ 24   23 ........ 0
///   0      deadline, the tick that ends it       tag
/// </code>
/// The sign bit stays clear, so that vectors compare words as signed integers, which every instruction set can do. The
/// deadline is on top, so that "due" is one comparison of whole words. 2^39 ticks of 1 ms are 17 years. The tag is the
/// session's own: a heartbeat that carries another tag is for a session that is over.
/// </remarks>
internal static class SessionWord
{
    public const int TagBits = 24;
    public const uint TagMask = (1u << TagBits) - 1;
    public const long OneTick = 1L << TagBits;

    /// <summary>Tags from here up mark a word that has no live session; no session is given one.</summary>
    public const uint FirstReservedTag = ReplacingTag;

    /// <summary>No session. It is greater than every live word, so the sweep never finds it due.</summary>
    public const long Free = long.MaxValue;

    private const uint EndingTag = TagMask - 1;
    private const uint ReplacingTag = TagMask - 2;
    private const long NeverDue = 0x7FFFL << 48;

    public static long Live(long deadline, uint tag) => (deadline << TagBits) | tag;

    /// <summary>Closed, and waiting for its end to be carried out; still knows whose it was.</summary>
    public static long Ending(uint tag) => NeverDue | ((long)tag << TagBits) | EndingTag;

    /// <summary>Closed because its client is just joining anew, so the client, unlike the session, is online.</summary>
    public static long Replacing(uint tag) => NeverDue | ((long)tag << TagBits) | ReplacingTag;

    public static uint TagOf(long word) => (uint)word & TagMask;

    public static long DeadlineOf(long word) => word >> TagBits;

    /// <summary>The least word that is not due at tick <paramref name="now"/>.</summary>
    public static long DueBound(long now) => (now + 1) << TagBits;
}
