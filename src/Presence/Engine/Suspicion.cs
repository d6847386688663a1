namespace Presence.Engine;

/// <summary>How often a session became a suspect or recovered, how much of that has been told (odd is a suspect), and its count at the last of these.</summary>
/// <remarks>
/// <code>
/// bit 63 ........ 40   39 ....... 20   19 ...... 10   9 ..... 0
///         tag               count         changes       told
/// </code>
/// Ticks decide, on their thread; callbacks are told off it, under the client id's lock. Two counters let the telling fall behind, by a thousand ticks, and still
/// tell everything in order. The tag says whose it is: another session's is as good as none.
/// </remarks>
internal readonly record struct Suspicion(long Bits)
{
    private const int CounterBits = 10;
    private const long CounterMask = (1L << CounterBits) - 1;
    private const int CountShift = 2 * CounterBits;
    private const int CountBits = 20;
    private const long CountMask = (1L << CountBits) - 1;
    private const int TagShift = CountShift + CountBits;
    private const long TagMask = ~((1L << TagShift) - 1);

    public bool IsSuspect => (Changes & 1) == 1;

    public bool IsTold => Changes == Told;

    private long Changes => (Bits >> CounterBits) & CounterMask;

    private long Told => Bits & CounterMask;

    public static Suspicion Of(long bits, uint tag) => new((uint)(bits >>> TagShift) == tag ? bits : (long)tag << TagShift);

    /// <summary>Takes note of a change, and of the session's count, which is at least -1.</summary>
    public Suspicion Changed(int count) =>
        new((Bits & TagMask) | (Math.Min(count + 1, CountMask) << CountShift) | (((Changes + 1) & CounterMask) << CounterBits) | Told);

    public Suspicion Tell(out PresenceChanges kind, out int count)
    {
        kind = (Told & 1) == 0 ? PresenceChanges.Suspected : PresenceChanges.Recovered;
        count = (int)((Bits >> CountShift) & CountMask) - 1;
        return new((Bits & ~CounterMask) | ((Told + 1) & CounterMask));
    }
}
