namespace Presence.Engine;

/// <summary>How often a session became a suspect or recovered, and how much of that has been told: odd is a suspect.</summary>
/// <remarks>
/// Ticks decide, on their thread; callbacks are told off it, under the client id's lock. Two counters let the telling fall behind and still
/// tell everything in order. The tag says whose it is: another session's is as good as none.
/// </remarks>
internal readonly record struct Suspicion(long Bits)
{
    private const int CounterBits = 20;
    private const long CounterMask = (1L << CounterBits) - 1;
    private const int TagShift = 2 * CounterBits;

    public bool IsSuspect => (Changes & 1) == 1;

    public bool IsTold => Changes == Told;

    private long Changes => (Bits >> CounterBits) & CounterMask;

    private long Told => Bits & CounterMask;

    public static Suspicion Of(long bits, uint tag) => new((uint)(bits >>> TagShift) == tag ? bits : (long)tag << TagShift);

    public Suspicion Changed() => new((Bits & ~(CounterMask << CounterBits)) | (((Changes + 1) & CounterMask) << CounterBits));

    public Suspicion Tell(out PresenceChanges kind)
    {
        kind = (Told & 1) == 0 ? PresenceChanges.Suspected : PresenceChanges.Recovered;
        return new((Bits & ~CounterMask) | ((Told + 1) & CounterMask));
    }
}
