namespace Presence.Udp.Sending;

/// <summary>How long to wait before a name is looked up again: twice as long each time, and each client somewhat differently, so that no name server is run over.</summary>
/// <remarks>Thread safety: none.</remarks>
internal sealed class LookUpPauses(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private TimeSpan _most = First;

    /// <returns>From half of the longest that it may be now to all of it.</returns>
    public TimeSpan Next()
    {
        TimeSpan pause = _most * (0.5 + (random.NextDouble() / 2));
        _most = _most * 2 < Longest ? _most * 2 : Longest;
        return pause;
    }

    public void Reset() => _most = First;
}
