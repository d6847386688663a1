using System.Runtime.CompilerServices;
using Presence.Groups;

namespace Presence.Engine;

/// <summary>All sessions of a tracker as words in chunks, and the clock that they are judged by.</summary>
/// <remarks>
/// <para>A session is over from the moment a tick judges its deadline, whether or not the sweep has reached it. Whoever then
/// swaps its word for a closed one sees to its end; since that swap succeeds once, so does the end.</para>
/// <para>Thread safety: everything may come from anywhere at any time; members that need the lock of the client id say so.</para>
/// </remarks>
internal sealed class SessionTable(HeartbeatRule rule, int expireAfter, int? suspectAfter = null)
{
    private readonly SlotPool _slots = new(expireAfter);
    private readonly TagPermutation _tags = TagPermutation.WithRandomKey();
    private long _now;
    private long _judged;
    private PaddedLong _online; // joins and ends write it; every heartbeat reads the clock beside it

    /// <summary>Ticks that counted since the tracker was made. Counts follow it.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Sessions whose deadline is at or before this tick are over. It is <see cref="Now"/>, or earlier while a guard holds expiries.</summary>
    public long Judged => Volatile.Read(ref _judged);

    /// <summary>Sessions that nobody has closed, and those that are about to start: never less than there are.</summary>
    public long Online => Volatile.Read(ref _online.Value);

    public SessionChunk[] Chunks => _slots.Chunks;

    /// <summary>The count over which a session with this limit is a suspect.</summary>
    public int SuspectAfter(int limit) => suspectAfter ?? Math.Max(1, limit / 2);

    public static SessionId Name(uint slot, uint tag) => new(((ulong)slot << SessionWord.TagBits) | tag);

    /// <summary>The session whose word stood in a slot; none if it was nobody's, or that of one whose end is being seen to.</summary>
    public static SessionId SessionOf(uint slot, long word) =>
        SessionWord.OwnTagOf(word) is uint tag and < SessionWord.FirstReservedTag ? Name(slot, tag) : SessionId.None;

    public static uint SlotOf(SessionId session) => (uint)(session.Value >> SessionWord.TagBits);

    public static int CountOf(long word, int limit, long now) => (int)(now + limit + 1 - SessionWord.DeadlineOf(word));

    /// <summary>Counts one heartbeat.</summary>
    /// <returns>Whether the session is online. One that is over is not, even if no sweep has closed it yet.</returns>
    public bool TryBeat(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && TryBeat(chunk, index, tag);

    /// <summary>Counts one heartbeat for the session in a slot, if it still is the one whose word was read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeatIn(uint slot, long word) =>
        SessionWord.TagOf(word) is uint tag and < SessionWord.FirstReservedTag && TryBeat(ChunkOf(slot), IndexOf(slot), tag);

    /// <summary>Starts the session in a slot by a heartbeat, if it is one that a join is about to start.</summary>
    public bool TryStartByBeat(uint slot, long word)
    {
        if (!SessionWord.IsArriving(word))
        {
            return false;
        }

        SessionChunk chunk = ChunkOf(slot);
        int index = IndexOf(slot);
        long started = SessionWord.Live(Now + chunk.LimitOf(index) + 1, SessionWord.OwnTagOf(word));
        started += rule == HeartbeatRule.Decrement ? SessionWord.OneTick : 0;
        return Interlocked.CompareExchange(ref chunk.Words[index], started, word) == word;
    }

    /// <summary>The word in a slot.</summary>
    public long WordIn(uint slot) => Volatile.Read(ref ChunkOf(slot).Words[IndexOf(slot)]);

    /// <summary>Moves the clock by one tick.</summary>
    /// <param name="judge">Whether every session whose deadline it reaches is over at once.</param>
    public void Advance(bool judge)
    {
        if (judge)
        {
            Interlocked.Exchange(ref _judged, _now + 1);
        }

        Interlocked.Increment(ref _now);
    }

    /// <summary>Closes a session if it is over, for the caller to see to its end.</summary>
    public bool TryCloseDue(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && TryCloseDue(chunk, index, tag, Judged);

    /// <summary>Closes a session if it is over its limit, also if a guard keeps it so far, for the caller to see to its end.</summary>
    public bool TryCloseOverLimit(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && TryCloseDue(chunk, index, tag, Now);

    /// <summary>Closes a session if its deadline is at or before the given tick, for the caller to see to its end.</summary>
    public bool TryCloseDue(SessionChunk chunk, int index, uint tag, long now)
    {
        ref long word = ref chunk.Words[index];
        while (true)
        {
            long seen = Volatile.Read(ref word);
            if (SessionWord.TagOf(seen) != tag || SessionWord.DeadlineOf(seen) > now)
            {
                return false;
            }

            if (TryCloseDue(ref word, seen))
            {
                return true;
            }
        }
    }

    /// <summary>Closes a session that has had no heartbeat since its word was <paramref name="seen"/>.</summary>
    public bool TryCloseDue(SessionId session, long seen) =>
        TryLocate(session, out SessionChunk chunk, out int index, out _) && TryCloseDue(ref chunk.Words[index], seen);

    /// <summary>Closes a session, live or over, for the caller to see to its end.</summary>
    /// <remarks>The caller holds the lock of the session's client id.</remarks>
    /// <param name="session">The session.</param>
    /// <param name="reason">Why it ends, if it is live.</param>
    /// <param name="successor">The reserved session that takes its place if it is live; none if it just ends.</param>
    /// <param name="count">Its count when it was closed.</param>
    /// <param name="closedAt">The tick at which it was closed.</param>
    /// <returns>The reason for which it ends: the one given, or expired if it is over. None if its end was seen to already.</returns>
    public PresenceChanges CloseNeedsLock(SessionId session, PresenceChanges reason, SessionId successor, out int count, out long closedAt)
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
            long seen = Volatile.Read(ref word);
            closedAt = Now; // after the word: ticks that came before its last heartbeat are none of the successor's
            if (SessionWord.IsEnding(seen, tag))
            {
                count = limit + 1 + SessionWord.OverdueOf(seen); // a sweep closed it and has not come to its end yet
                return PresenceChanges.Expired;
            }

            if (SessionWord.TagOf(seen) != tag)
            {
                return PresenceChanges.None;
            }

            if (SessionWord.DeadlineOf(seen) <= Judged)
            {
                TryCloseDue(ref word, seen);
                continue;
            }

            count = CountOf(seen, limit, closedAt);
            if (Interlocked.CompareExchange(ref word, SessionWord.Closing(SlotOf(successor)), seen) == seen)
            {
                Interlocked.Decrement(ref _online.Value);
                return reason;
            }
        }
    }

    /// <summary>Whether the session is neither closed nor about to start.</summary>
    public bool IsOpen(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && SessionWord.TagOf(Volatile.Read(ref chunk.Words[index])) == tag;

    /// <summary>Whether the session is closed and its end not seen to.</summary>
    public bool IsEnding(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag)
        && SessionWord.IsEnding(Volatile.Read(ref chunk.Words[index]), tag);

    /// <summary>Takes the next thing to tell of a session's suspicions.</summary>
    /// <remarks>The caller holds the lock of the session's client id and has not released the session.</remarks>
    public bool TryTellSuspicionNeedsLock(SessionId session, out PresenceChanges kind, out int count)
    {
        (kind, count) = (PresenceChanges.None, 0);
        return TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && chunk.TryTellSuspicion(index, tag, out kind, out count);
    }

    /// <summary>Reads a session that is online.</summary>
    public bool TryRead(SessionId session, out ClientStatus status)
    {
        if (TryReadRecord(session, out SessionRecord record, out long word) && SessionWord.TagOf(word) < SessionWord.FirstReservedTag)
        {
            long now = Now;
            status = record.ToStatus(session, CountOf(word, record.ExpireAfter, now), SuspectAfter(record.ExpireAfter));
            return SessionWord.DeadlineOf(word) > Judged;
        }

        status = default;
        return false;
    }

    /// <summary>Reads a session that the caller has closed and not released, holding the lock of its client id.</summary>
    public ClientStatus ReadClosedNeedsLock(SessionId session, int count)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        SessionRecord record = chunk.Records[index];
        return record.ToStatus(session, count, SuspectAfter(record.ExpireAfter));
    }

    /// <summary>Where the memberships of a session begin whose end has not been seen to.</summary>
    public ref MembershipHandle MembershipsNeedsLock(SessionId session)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        return ref chunk.Records[index].Memberships;
    }

    /// <summary>The client whose session this is, as long as its end has not been seen to.</summary>
    public string? ClientOf(SessionId session) => TryReadRecord(session, out SessionRecord record, out _) ? record.ClientId : null;

    /// <summary>Takes a slot for a session that is about to start.</summary>
    public SessionId Reserve(string clientId, object? state, int limit)
    {
        uint slot = _slots.Take();
        SessionChunk chunk = ChunkOf(slot);
        ref SessionRecord record = ref chunk.Records[IndexOf(slot)];
        record.ClientId = clientId;
        record.State = state;
        record.ExpireAfter = limit;
        chunk.NoteLimit(IndexOf(slot), limit);
        uint tag = _tags.TagOf(slot, record.Generation);
        Interlocked.Increment(ref _online.Value); // before anybody can end it
        Volatile.Write(ref chunk.Words[IndexOf(slot)], SessionWord.Arriving(tag)); // publishes the record as well
        return Name(slot, tag);
    }

    /// <summary>Starts a reserved session with a count that is 0 at tick <paramref name="startedAt"/>, unless a heartbeat of its client has started it.</summary>
    public void Start(SessionId session, int limit, long startedAt)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag);
        Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Live(startedAt + limit + 1, tag), SessionWord.Arriving(tag));
    }

    /// <summary>Sets the count of a session back to 0 if it is over before its join is.</summary>
    /// <remarks>
    /// So many ticks come only while the joining thread is held up. The caller holds the lock of the session's client id, and has just started it. A sweep may even have
    /// closed it; nobody has seen to that end, for which it takes the lock, so the session goes on.
    /// </remarks>
    public void RestartIfOverNeedsLock(SessionId session, int limit)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag);
        ref long word = ref chunk.Words[index];
        while (true)
        {
            long seen = Volatile.Read(ref word);
            bool isClosed = SessionWord.IsEnding(seen, tag);
            long now = Now;
            if (!isClosed && SessionWord.DeadlineOf(seen) > now)
            {
                return;
            }

            Interlocked.Add(ref _online.Value, isClosed ? 1 : 0); // first, as in Reserve
            Interlocked.CompareExchange(ref word, SessionWord.Live(now + limit + 1, tag), seen);
        }
    }

    /// <summary>Forgets a closed session and gives its slot back.</summary>
    /// <remarks>
    /// The caller holds the lock of the session's client id and has closed the session. A slot that has given every tag is
    /// retired: 8 + 24 bytes lost each 16.7 million sessions, so that none of their ids is ever given again.
    /// </remarks>
    public void Release(SessionId session)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        ref SessionRecord record = ref chunk.Records[index];
        Interlocked.Exchange(ref chunk.Words[index], SessionWord.Free);
        record.ClientId = null;
        record.State = null;
        chunk.ForgetLimit(index);
        record.Generation++;
        _slots.Return(SlotOf(session));
    }

    private static int IndexOf(uint slot) => (int)slot & (SessionChunk.MaxSlots - 1);

    private SessionChunk ChunkOf(uint slot) => Chunks[slot >> SessionChunk.SlotBits];

    /// <summary>The hot path: a read of the word and at most one compare-and-swap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryBeat(SessionChunk chunk, int index, uint tag)
    {
        ref long word = ref chunk.Words[index];
        while (true)
        {
            long seen = Volatile.Read(ref word);
            long now = Now; // after the word, so that nobody writes less than an earlier heartbeat did; before what is judged, since a tick publishes these the other way round
            if (SessionWord.TagOf(seen) != tag || SessionWord.DeadlineOf(seen) <= Judged)
            {
                return false;
            }

            long next = SessionWord.Live(now + chunk.LimitOf(index) + 1, tag);
            if (rule == HeartbeatRule.Decrement)
            {
                next = SessionWord.DeadlineOf(seen) > now ? Math.Min(seen, next) + SessionWord.OneTick : next; // rescued from over its limit it starts again at 0
            }

            if (next == seen || Interlocked.CompareExchange(ref word, next, seen) == seen)
            {
                return true;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLocate(SessionId session, out SessionChunk chunk, out int index, out uint tag)
    {
        SessionChunk[] chunks = Chunks;
        ulong slot = session.Value >> SessionWord.TagBits;
        ulong chunkIndex = slot >> SessionChunk.SlotBits;
        bool exists = chunkIndex < (ulong)chunks.Length;
        chunk = exists ? chunks[chunkIndex] : null!;
        index = (int)slot & (SessionChunk.MaxSlots - 1);
        tag = (uint)session.Value & SessionWord.TagMask;
        return exists && (uint)index < (uint)chunk.Words.Length && tag < SessionWord.FirstReservedTag;
    }

    private bool TryCloseDue(ref long word, long seen)
    {
        long overdue = Now - SessionWord.DeadlineOf(seen);
        bool closed = Interlocked.CompareExchange(ref word, SessionWord.Ending(SessionWord.TagOf(seen), Math.Max(overdue, 0)), seen) == seen;
        if (closed)
        {
            Interlocked.Decrement(ref _online.Value);
        }

        return closed;
    }

    /// <summary>Reads record and word as they stood at one moment, unless the session's end has been seen to.</summary>
    private bool TryReadRecord(SessionId session, out SessionRecord record, out long word)
    {
        if (TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            word = Volatile.Read(ref chunk.Words[index]);
            if (IsOf(word, tag)) // else there may be no record either
            {
                record = chunk.Records[index];
                Volatile.ReadBarrier(); // what was copied is the session's own if the word still is: nothing of it is taken away before the word is closed
                word = Volatile.Read(ref chunk.Words[index]);
                return IsOf(word, tag) && record.ClientId is not null;
            }
        }

        (record, word) = (default, SessionWord.Free);
        return false;
    }

    private static bool IsOf(long word, uint tag) => SessionWord.TagOf(word) == tag || SessionWord.IsEnding(word, tag);
}
