using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>4,096 slots. Words and records stand in arrays of their own, so that a sweep reads words and nothing else.</summary>
internal sealed class SessionChunk
{
    public const int SlotBits = 12;
    public const int Slots = 1 << SlotBits;

    private readonly int _expireAfter;
    private long[]? _suspicions; // a Suspicion per slot; made by the tick that finds the first suspect here

    public SessionChunk(int expireAfter)
    {
        _expireAfter = expireAfter;
        MaxLimit = expireAfter;
        Array.Fill(Words, SessionWord.Free);
    }

    public long[] Words { get; } = new long[Slots];

    /// <summary>A word by its index in the chunk, without a look at the array's length: at a million clients that is a cache miss of its own.</summary>
    /// <param name="index">Under <see cref="Slots"/>, which the mask that makes it assures.</param>
    public ref long WordAt(int index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Words), index & (Slots - 1));

    public SessionRecord[] Records { get; } = new SessionRecord[Slots];

    /// <summary>Whether there ever was a suspect here.</summary>
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

            Volatile.Write(ref _suspicions, new long[Slots]);
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
