namespace Presence.Engine;

/// <summary>Some slots. Words and records stand in arrays of their own, so that a sweep reads words and nothing else.</summary>
internal sealed class SessionChunk
{
    public const int SlotBits = 16;

    /// <summary>So many that a sweep comes to the start of a chunk, which no processor foresees, seldom enough not to be noticed.</summary>
    public const int MaxSlots = 1 << SlotBits;

    private readonly int _expireAfter;
    private int _used;
    private long[]? _suspicions; // a Suspicion per slot; made by the tick that finds the first suspect here

    public SessionChunk(int slots, int expireAfter)
    {
        _expireAfter = expireAfter;
        MaxLimit = expireAfter;
        Words = new long[slots];
        Records = new SessionRecord[slots];
        Array.Fill(Words, SessionWord.Free);
    }

    public long[] Words { get; }

    public SessionRecord[] Records { get; }

    /// <summary>The words of slots that were ever taken: all that a sweep has to read.</summary>
    public Span<long> Used => Words.AsSpan(0, Volatile.Read(ref _used));

    public bool IsFull => _used == Words.Length;

    /// <summary>Whether there ever was a suspect here.</summary>
    public bool HasSuspicions => Volatile.Read(ref _suspicions) is not null;

    /// <summary>Whether a sweep has left suspects here, so that the next one looks whether they have recovered.</summary>
    public bool HasSuspects { get; set; }

    /// <summary>Whether a session here ever had a limit of its own, so that heartbeats must read it from the record.</summary>
    public bool HasOwnLimits { get; private set; }

    /// <summary>The greatest limit that a session here ever had.</summary>
    public int MaxLimit { get; private set; }

    /// <summary>Takes the next slot that nobody has had. For the pool, under its lock.</summary>
    public int TakeNext()
    {
        int index = _used;
        Volatile.Write(ref _used, index + 1);
        return index;
    }

    public int LimitOf(int index) => HasOwnLimits ? Records[index].ExpireAfter : _expireAfter;

    /// <summary>Takes note of a session's limit, before its word is published.</summary>
    public void Note(int limit)
    {
        if (limit != _expireAfter)
        {
            HasOwnLimits = true;
            MaxLimit = Math.Max(MaxLimit, limit); // joins race here, and a sweep may take note a tick late that one is a suspect
        }
    }

    /// <summary>Notes that a session is suspect, or no longer so. For ticks.</summary>
    /// <returns>Whether it was otherwise before.</returns>
    public bool TryChangeSuspicion(int index, uint tag, bool isSuspect)
    {
        if (!HasSuspicions)
        {
            if (!isSuspect)
            {
                return false;
            }

            Volatile.Write(ref _suspicions, new long[Words.Length]);
        }

        return TrySwap(index, tag, suspicion => suspicion.IsSuspect == isSuspect ? null : suspicion.Changed());
    }

    /// <summary>Takes the next thing to tell of a session's suspicions.</summary>
    public bool TryTellSuspicion(int index, uint tag, out PresenceChanges kind)
    {
        PresenceChanges next = PresenceChanges.None;
        bool isTold = HasSuspicions && TrySwap(index, tag, suspicion => suspicion.IsTold ? null : suspicion.Tell(out next));
        kind = next;
        return isTold;
    }

    private bool TrySwap(int index, uint tag, Func<Suspicion, Suspicion?> change)
    {
        ref long bits = ref _suspicions![index];
        while (true)
        {
            long seen = Volatile.Read(ref bits);
            if (change(Suspicion.Of(seen, tag)) is not { } changed)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref bits, changed.Bits, seen) == seen)
            {
                return true;
            }
        }
    }
}
