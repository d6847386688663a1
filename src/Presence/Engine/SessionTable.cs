using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>All sessions of a tracker as words in chunks, and the clock that they are judged by.</summary>
/// <remarks>
/// <para>A session is over from the moment the clock shows its deadline, whether or not the sweep has reached it. Whoever
/// then swaps its word for a closed one sees to its end; since that swap succeeds once, so does the end.</para>
/// <para>Thread safety: heartbeats, reads and closes may come from anywhere at any time. <see cref="Open"/> and
/// <see cref="Release"/> take <c>_allocation</c>, which guards the free slots and the growth and nothing else. Growth adds a
/// chunk and moves none.</para>
/// </remarks>
internal sealed class SessionTable(HeartbeatRule rule, int expireAfter)
{
    private readonly Lock _allocation = new();
    private readonly Stack<uint> _free = new();
    private readonly TagPermutation _tags = TagPermutation.WithRandomKey();
    private SessionChunk[] _chunks = [new()];
    private uint _nextSlot = 1; // slot 0 stays empty, so that SessionId.None names nobody
    private long _now;
    private long _online;

    /// <summary>Ticks since the tracker was made.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Sessions that nobody has closed.</summary>
    public long Online => Volatile.Read(ref _online);

    public int ChunkCount => Volatile.Read(ref _chunks).Length;

    /// <summary>Counts one heartbeat. The hot path: a read of the word and at most one compare-and-swap.</summary>
    /// <returns>Whether the session is online. One that is due is not, even if no sweep has closed it yet.</returns>
    public bool TryBeat(SessionId session)
    {
        if (!TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            return false;
        }

        ref long word = ref chunk.Words[index];
        while (true)
        {
            long now = Now;
            long seen = Volatile.Read(ref word);
            if (SessionWord.TagOf(seen) != tag || SessionWord.DeadlineOf(seen) <= now)
            {
                return false;
            }

            int limit = chunk.HasOwnLimits ? chunk.Records[index].ExpireAfter : expireAfter;
            long next = SessionWord.Live(now + limit + 1, tag);
            if (rule == HeartbeatRule.Decrement)
            {
                next = Math.Min(seen, next) + SessionWord.OneTick;
            }

            if (next == seen || Interlocked.CompareExchange(ref word, next, seen) == seen)
            {
                return true;
            }
        }
    }

    /// <summary>Moves the clock by one tick. Every session whose deadline it reaches is over at once.</summary>
    public void Advance() => Interlocked.Increment(ref _now);

    /// <summary>Closes the sessions of one chunk that are due, for the caller to see to their ends.</summary>
    /// <param name="chunkIndex">Which chunk, from 0 to <see cref="ChunkCount"/> - 1.</param>
    /// <returns>The sessions that this call closed, or null if there are none.</returns>
    public List<SessionId>? CloseDue(int chunkIndex)
    {
        List<SessionId>? closed = null;
        long[] words = Volatile.Read(ref _chunks)[chunkIndex].Words;
        long bound = SessionWord.DueBound(Now);
        for (int index = DueScan.Next(words, 0, bound); index >= 0; index = DueScan.Next(words, index + 1, bound))
        {
            uint tag = SessionWord.TagOf(Volatile.Read(ref words[index]));
            if (TryCloseDue(ref words[index], tag))
            {
                closed ??= [];
                closed.Add(Name((uint)((chunkIndex << SessionChunk.SlotBits) + index), tag));
            }
        }

        return closed;
    }

    /// <summary>Closes a session if it is due, for the caller to see to its end.</summary>
    public bool TryCloseDue(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && TryCloseDue(ref chunk.Words[index], tag);

    /// <summary>Closes a session, live or due, for the caller to see to its end.</summary>
    /// <remarks>The caller holds the lock of the session's client id.</remarks>
    /// <returns>The reason for which it ends: the one given, or expired if it is due. None if its end was seen to already.</returns>
    public PresenceChanges CloseNeedsLock(SessionId session, PresenceChanges reason, out int count)
    {
        count = 0;
        if (!TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            return PresenceChanges.None;
        }

        ref long word = ref chunk.Words[index];
        while (true)
        {
            long seen = Volatile.Read(ref word);
            if (seen == SessionWord.Ending(tag))
            {
                count = chunk.Records[index].ExpireAfter + 1;
                return PresenceChanges.Expired; // a sweep closed it and has not come to its end yet
            }

            if (SessionWord.TagOf(seen) != tag)
            {
                return PresenceChanges.None;
            }

            PresenceChanges actual = SessionWord.DeadlineOf(seen) <= Now ? PresenceChanges.Expired : reason;
            long closed = actual == PresenceChanges.Replaced ? SessionWord.Replacing(tag) : SessionWord.Ending(tag);
            if (Interlocked.CompareExchange(ref word, closed, seen) == seen)
            {
                Interlocked.Decrement(ref _online);
                count = CountOf(seen, chunk.Records[index].ExpireAfter);
                return actual;
            }
        }
    }

    /// <summary>Whether the session is closed because its client is just joining anew.</summary>
    public bool IsBeingReplaced(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag)
        && Volatile.Read(ref chunk.Words[index]) == SessionWord.Replacing(tag);

    /// <summary>Whether the session is closed and its end not seen to.</summary>
    public bool IsEnding(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag)
        && Volatile.Read(ref chunk.Words[index]) == SessionWord.Ending(tag);

    /// <summary>Reads a session that is online.</summary>
    public bool TryRead(SessionId session, out ClientStatus status)
    {
        if (TryReadRecord(session, out SessionRecord record, out long word) && SessionWord.TagOf(word) < SessionWord.FirstReservedTag)
        {
            status = record.ToStatus(session, CountOf(word, record.ExpireAfter));
            return status.Count <= status.ExpireAfter;
        }

        status = default;
        return false;
    }

    /// <summary>The client whose session this is, as long as its end has not been seen to.</summary>
    public string? ClientOf(SessionId session) => TryReadRecord(session, out SessionRecord record, out _) ? record.ClientId : null;

    /// <summary>Starts a session whose count is 0 at tick <paramref name="now"/>.</summary>
    public SessionId Open(string clientId, object? state, int limit, long now)
    {
        uint slot = Allocate();
        SessionChunk chunk = Volatile.Read(ref _chunks)[slot >> SessionChunk.SlotBits];
        int index = (int)slot & (SessionChunk.Slots - 1);
        ref SessionRecord record = ref chunk.Records[index];
        record.ClientId = clientId;
        record.State = state;
        record.ExpireAfter = limit;
        chunk.HasOwnLimits |= limit != expireAfter;

        uint tag = _tags.TagOf(slot, record.Generation);
        Volatile.Write(ref chunk.Words[index], SessionWord.Live(now + limit + 1, tag)); // publishes all of the above
        Interlocked.Increment(ref _online);
        return Name(slot, tag);
    }

    /// <summary>Sets the count back to 0 if a tick passed since the session was opened, before anyone knew of it.</summary>
    public void RestartIfTicked(SessionId session, int limit, long openedAt)
    {
        if (Now != openedAt && TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            long opened = SessionWord.Live(openedAt + limit + 1, tag);
            Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Live(Now + limit + 1, tag), opened);
        }
    }

    /// <summary>Forgets a closed session and gives its slot back.</summary>
    /// <remarks>
    /// The caller holds the lock of the session's client id and has closed the session. A slot that has given every tag is
    /// retired: 8 + 24 bytes lost each 16.7 million sessions, so that none of their ids is ever given again.
    /// </remarks>
    /// <returns>What the slot held.</returns>
    public SessionRecord Release(SessionId session)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        ref SessionRecord record = ref chunk.Records[index];
        SessionRecord released = record;
        record.ClientId = null;
        record.State = null;
        Volatile.Write(ref chunk.Words[index], SessionWord.Free);

        uint slot = (uint)(session.Value >> SessionWord.TagBits);
        lock (_allocation)
        {
            if (++record.Generation < TagPermutation.Length)
            {
                _free.Push(slot);
            }
        }

        return released;
    }

    private static SessionId Name(uint slot, uint tag) => new(((ulong)slot << SessionWord.TagBits) | tag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLocate(SessionId session, out SessionChunk chunk, out int index, out uint tag)
    {
        SessionChunk[] chunks = Volatile.Read(ref _chunks);
        ulong slot = session.Value >> SessionWord.TagBits;
        ulong chunkIndex = slot >> SessionChunk.SlotBits;
        bool exists = chunkIndex < (ulong)chunks.Length;
        chunk = exists ? chunks[chunkIndex] : null!;
        index = (int)slot & (SessionChunk.Slots - 1);
        tag = (uint)session.Value & SessionWord.TagMask;
        return exists && tag < SessionWord.FirstReservedTag;
    }

    private bool TryCloseDue(ref long word, uint tag)
    {
        while (true)
        {
            long seen = Volatile.Read(ref word);
            if (SessionWord.TagOf(seen) != tag || SessionWord.DeadlineOf(seen) > Now)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref word, SessionWord.Ending(tag), seen) == seen)
            {
                Interlocked.Decrement(ref _online);
                return true;
            }
        }
    }

    /// <summary>Reads record and word as they stood at one moment, unless the session's end has been seen to.</summary>
    private bool TryReadRecord(SessionId session, out SessionRecord record, out long word)
    {
        if (TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            word = Volatile.Read(ref chunk.Words[index]);
            record = chunk.Records[index];
            Volatile.ReadBarrier(); // what was copied is the session's own if the word still is
            long after = Volatile.Read(ref chunk.Words[index]);
            return IsOf(word, tag) && IsOf(after, tag) && record.ClientId is not null;
        }

        (record, word) = (default, SessionWord.Free);
        return false;
    }

    private int CountOf(long word, int limit) => (int)(Now + limit + 1 - SessionWord.DeadlineOf(word));

    private static bool IsOf(long word, uint tag) =>
        SessionWord.TagOf(word) == tag || word == SessionWord.Ending(tag) || word == SessionWord.Replacing(tag);

    private uint Allocate()
    {
        lock (_allocation)
        {
            if (_free.TryPop(out uint slot))
            {
                return slot;
            }

            if (_nextSlot >> SessionChunk.SlotBits == (uint)_chunks.Length)
            {
                Volatile.Write(ref _chunks, [.. _chunks, new SessionChunk()]);
            }

            return _nextSlot++;
        }
    }
}
