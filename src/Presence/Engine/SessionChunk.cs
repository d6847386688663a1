namespace Presence.Engine;

/// <summary>4,096 slots. Words and records stand in arrays of their own, so that a sweep reads words and nothing else.</summary>
internal sealed class SessionChunk
{
    public const int SlotBits = 12;
    public const int Slots = 1 << SlotBits;

    private readonly int _expireAfter;
    private long[]? _suspicions;

    public SessionChunk(int expireAfter)
    {
        _expireAfter = expireAfter;
        MaxLimit = expireAfter;
        Array.Fill(Words, SessionWord.Free);
    }

    public long[] Words { get; } = new long[Slots];

    public SessionRecord[] Records { get; } = new SessionRecord[Slots];

    /// <summary>A <see cref="Suspicion"/> per slot; made when there is a first suspect here.</summary>
    public long[] Suspicions => Volatile.Read(ref _suspicions) ?? Interlocked.CompareExchange(ref _suspicions, new long[Slots], null) ?? _suspicions;

    public bool HasSuspicions => Volatile.Read(ref _suspicions) is not null;

    /// <summary>Whether a sweep has left suspects here, so that the next one looks whether they have recovered.</summary>
    public bool HasSuspects { get; set; }

    /// <summary>Whether a session here ever had a limit of its own, so that heartbeats must read it from the record.</summary>
    public bool HasOwnLimits { get; private set; }

    /// <summary>The greatest limit that a session here ever had.</summary>
    public int MaxLimit { get; private set; }

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
}
