namespace ChatClient;

/// <summary>How long to wait before the next attempt: twice as long each time, and each client somewhat differently, so that a server that comes back is not run over.</summary>
internal sealed class Backoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _most = First;

    /// <returns>From half of the longest that it may be now to all of it.</returns>
    public TimeSpan Next()
    {
        TimeSpan delay = _most * (0.5 + (random.NextDouble() / 2));
        _most = _most * 2 < Longest ? _most * 2 : Longest;
        return delay;
    }

    /// <summary>Begins anew, after a connection that lasted. One that was closed soon counts as another failure.</summary>
    public void NoteConnection(TimeSpan lasted) => _most = lasted >= Longest ? First : _most;
}
