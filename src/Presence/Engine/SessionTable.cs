using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>All sessions of a tracker as words in chunks, and the clock that they are judged by.</summary>
/// <remarks>
/// <para>A session is over from the moment the clock shows its deadline, whether or not the sweep has reached it. Whoever
/// then swaps its word for a closed one sees to its end; since that swap succeeds once, so does the end.</para>
/// <para>Thread safety: heartbeats, reads and closes may come from anywhere at any time. <see cref="Reserve"/> and
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
    /// <param name="session">The session.</param>
    /// <param name="reason">Why it ends, if it is live.</param>
    /// <param name="count">Its count when it was closed.</param>
    /// <param name="closedAt">The tick at which it was closed.</param>
    /// <returns>The reason for which it ends: the one given, or expired if it is due. None if its end was seen to already.</returns>
    public PresenceChanges CloseNeedsLock(SessionId session, PresenceChanges reason, out int count, out long closedAt)
    {
        (count, closedAt) = (0, Now);
        if (!TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            return PresenceChanges.None;
        }

        ref long word = ref chunk.Words[index];
        int limit = chunk.Records[index].ExpireAfter;
        while (true)
        {
            closedAt = Now;
            long seen = Volatile.Read(ref word);
            if (seen == SessionWord.Ending(tag))
            {
                count = limit + 1;
                return PresenceChanges.Expired; // a sweep closed it and has not come to its end yet
            }

            if (SessionWord.TagOf(seen) != tag)
            {
                return PresenceChanges.None;
            }

            count = CountOf(seen, limit, closedAt);
            PresenceChanges actual = count > limit ? PresenceChanges.Expired : reason;
            long closed = actual == PresenceChanges.Replaced ? SessionWord.Replacing(tag) : SessionWord.Ending(tag);
            if (Interlocked.CompareExchange(ref word, closed, seen) == seen)
            {
                Interlocked.Decrement(ref _online);
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
            status = record.ToStatus(session, CountOf(word, record.ExpireAfter, Now));
            return status.Count <= status.ExpireAfter;
        }

        status = default;
        return false;
    }

    /// <summary>The client whose session this is, as long as its end has not been seen to.</summary>
    public string? ClientOf(SessionId session) => TryReadRecord(session, out SessionRecord record, out _) ? record.ClientId : null;

    /// <summary>Takes a slot for a session that nobody can find yet.</summary>
    public SessionId Reserve(string clientId, object? state, int limit)
    {
        uint slot = Allocate();
        SessionChunk chunk = Volatile.Read(ref _chunks)[slot >> SessionChunk.SlotBits];
        ref SessionRecord record = ref chunk.Records[slot & (SessionChunk.Slots - 1)];
        record.ClientId = clientId;
        record.State = state;
        record.ExpireAfter = limit;
        chunk.HasOwnLimits |= limit != expireAfter;
        return Name(slot, _tags.TagOf(slot, record.Generation));
    }

    /// <summary>Starts a reserved session, with a count that is 0 at tick <paramref name="startedAt"/>.</summary>
    public void Start(SessionId session, int limit, long startedAt)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag);
        Volatile.Write(ref chunk.Words[index], SessionWord.Live(startedAt + limit + 1, tag)); // publishes the record as well
        Interlocked.Increment(ref _online);
    }

    /// <summary>Sets the count of a session back to 0 if a tick came between its start and now, and nothing else did.</summary>
    public void RestartIfTicked(SessionId session, int limit, long startedAt)
    {
        if (Now != startedAt && TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            long started = SessionWord.Live(startedAt + limit + 1, tag);
            Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Live(Now + limit + 1, tag), started);
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

    private static int CountOf(long word, int limit, long now) => (int)(now + limit + 1 - SessionWord.DeadlineOf(word));

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
