namespace Presence.Udp;

/// <summary>What the receiver knows of one session: its key, and the last sequence that it accepted.</summary>
/// <remarks>
/// Thread safety: full. <see cref="Drop"/> raises the sequence above all others before it wipes the key, and a receiver reads the key before it swaps
/// the sequence. So a heartbeat that was checked against a wiped key, which anyone could have made, is never committed.
/// </remarks>
internal sealed class KeyedSession(ReadOnlySpan<byte> key)
{
    private HeartbeatKey _key = new(key);
    private ulong _lastSequence;
    private long _countedIn;

    public ref readonly HeartbeatKey Key => ref _key;

    public bool IsNewer(ulong sequence) => sequence > Volatile.Read(ref _lastSequence);

    /// <summary>Accepts a sequence once. The caller has checked the tag.</summary>
    public bool TryCommit(ulong sequence)
    {
        ulong last = Volatile.Read(ref _lastSequence);
        while (sequence > last)
        {
            ulong seen = Interlocked.CompareExchange(ref _lastSequence, sequence, last);
            if (seen == last)
            {
                return true;
            }

            last = seen;
        }

        return false;
    }

    /// <summary>Counts the session once in a period; two threads at the very same moment may do so twice, which no judgement hangs on.</summary>
    public bool TryCount(long period)
    {
        if (Volatile.Read(ref _countedIn) == period)
        {
            return false;
        }

        Volatile.Write(ref _countedIn, period);
        return true;
    }

    /// <summary>Accepts nothing more, and wipes the key.</summary>
    public void Drop()
    {
        Interlocked.Exchange(ref _lastSequence, ulong.MaxValue);
        _key = default;
    }
}
