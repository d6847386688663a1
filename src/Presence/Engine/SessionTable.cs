using System.Runtime.CompilerServices;
using Presence.Groups;

namespace Presence.Engine;

/// <summary>All sessions of a tracker as words in chunks, and the clock that they are judged by.</summary>
/// <remarks>
/// <para>A session is over from the moment a tick judges its deadline, whether or not the sweep has reached it. Whoever then
/// swaps its word for a closed one sees to its end; since that swap succeeds once, so does the end.</para>
/// <para>Thread safety: everything may come from anywhere at any time; members that need the lock of the client id say so.</para>
/// </remarks>
internal sealed class SessionTable(HeartbeatRule rule, int expireAfter, int? suspectAfter = null, TickTimes? times = null)
{
    private readonly SlotPool _slots = new(expireAfter);
    private readonly TagPermutation _tags = TagPermutation.WithRandomKey();
    private readonly TickTimes _times = times ?? new TickTimes(TimeProvider.System, TimeSpan.FromSeconds(1));
    private long _now;
    private long _judged;
    private PaddedLong _online; // joins and ends write it; every heartbeat reads the clock beside it

    public HeartbeatRule Rule => rule;

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

    /// <summary>Counts one heartbeat also for a session that has a provision or is being changed: for those that were not counted on the hot path, which has no call in it.</summary>
    public bool TryBeatAgain(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && TryBeatSlowly(chunk, index, tag);

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
        return Interlocked.CompareExchange(ref chunk.Words[index], started, word) == word && Note(chunk, index, Now);
    }

    /// <summary>The word in a slot.</summary>
    public long WordIn(uint slot) => Volatile.Read(ref ChunkOf(slot).Words[IndexOf(slot)]);

    /// <summary>Moves the clock by one tick.</summary>
    /// <param name="judge">Whether every session whose deadline it reaches is over at once.</param>
    public void Advance(bool judge)
    {
        _times.OnTick(_now + 1);
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

    /// <summary>Closes a session if it ends at or before the given tick, for the caller to see to its end.</summary>
    public bool TryCloseDue(SessionChunk chunk, int index, uint tag, long now)
    {
        while (TryReadTerms(chunk, index, tag, out long seen, out SessionTerms terms) && terms.EndsAt <= now)
        {
            if (TryCloseDue(chunk, index, seen, terms))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Closes a session that has had no heartbeat since it was found due.</summary>
    public bool TryCloseDue(in DueSession due) => TryCloseDue(due.Chunk, due.Index, due.Word, due.Terms);

    /// <summary>Closes a session, live or over, for the caller to see to its end.</summary>
    /// <remarks>The caller holds the lock of the session's client id.</remarks>
    /// <param name="session">The session.</param>
    /// <param name="reason">Why it ends, if it is live.</param>
    /// <param name="successor">The reserved session that takes its place if it is live; none if it just ends.</param>
    /// <param name="terms">What it was judged by.</param>
    /// <param name="closedAt">The tick at which it was closed.</param>
    /// <returns>The reason for which it ends: the one given, or expired if it is over. None if its end was seen to already.</returns>
    public PresenceChanges CloseNeedsLock(SessionId session, PresenceChanges reason, SessionId successor, out SessionTerms terms, out long closedAt)
    {
        (terms, closedAt) = (default, Now);
        if (!TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            return PresenceChanges.None;
        }

        while (TryReadTerms(chunk, index, tag, out long seen, out terms))
        {
            closedAt = Now; // after the word: ticks that came before its last heartbeat are none of the successor's
            if (terms.EndsAt <= Judged)
            {
                TryCloseDue(chunk, index, seen, terms);
            }
            else if (Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Closing(SlotOf(successor)), seen) == seen)
            {
                Interlocked.Decrement(ref _online.Value);
                return reason;
            }
        }

        long ending = Volatile.Read(ref chunk.Words[index]);
        if (!SessionWord.IsEnding(ending, tag))
        {
            return PresenceChanges.None;
        }

        // A sweep closed it and has not come to its end yet.
        closedAt = SessionWord.ClosedAtOf(ending, Now);
        long endedAt = closedAt - SessionWord.OverdueOf(ending);
        terms = SessionTerms.Plain(endedAt, chunk.Records[index].ExpireAfter);
        if (SessionWord.HadProvision(ending) && chunk.Provisions?.Of(index)?.Terms is { } provided)
        {
            terms = provided with { Deadline = provided.Deadline + endedAt - provided.EndsAt, LimitEndsAt = endedAt, NoticeEndsAt = 0 };
        }

        return PresenceChanges.Expired;
    }

    /// <summary>Whether the session is neither closed nor about to start.</summary>
    public bool IsOpen(SessionId session) =>
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag)
        && (TryReadTerms(chunk, index, tag, out long word, out _) || (SessionWord.IsChanging(word) && SessionWord.OwnTagOf(word) == tag));

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

    /// <summary>Reads a session that is online, unless its limit is being changed at this moment, which a caller with the lock of its client id never meets.</summary>
    public bool TryRead(SessionId session, out ClientStatus status)
    {
        if (TryReadRecord(session, out SessionRecord record)
            && TryLocate(session, out SessionChunk chunk, out int index, out uint tag)
            && TryReadTerms(chunk, index, tag, out _, out SessionTerms terms))
        {
            status = ToStatus(record, session, chunk, index, terms, Now);
            return terms.EndsAt > Judged;
        }

        status = default;
        return false;
    }

    /// <summary>Reads what a session is judged by, and the word that says so, as they stood at one moment.</summary>
    /// <returns>Whether it is neither closed, nor about to start, nor having its limit changed at this moment.</returns>
    public static bool TryReadTerms(SessionChunk chunk, int index, uint tag, out long word, out SessionTerms terms)
    {
        while (true)
        {
            int changes = chunk.LimitChanges;
            word = Volatile.Read(ref chunk.Words[index]);
            if (SessionWord.TagOf(word) == tag)
            {
                terms = SessionTerms.Plain(SessionWord.DeadlineOf(word), chunk.LimitOf(index));
                Volatile.ReadBarrier(); // a limit is changed only while the word is another; and a second change may bring the word back
                if (Volatile.Read(ref chunk.Words[index]) == word && chunk.LimitChanges == changes)
                {
                    return true;
                }
            }
            else if (!SessionWord.IsProvisional(word) || SessionWord.OwnTagOf(word) != tag)
            {
                terms = default;
                return false;
            }
            else if (chunk.Provisions?.Of(index, word) is { } provision)
            {
                terms = provision.Terms;
                return true;
            }
        }
    }

    /// <summary>A session that has just started.</summary>
    public ClientStatus Started(SessionId session, string clientId, in JoinTerms terms)
    {
        (_, DateTimeOffset time) = _times.Of(Now);
        return new ClientStatus { ClientId = clientId, Session = session, Count = 0, ExpireAfter = terms.FirstLimit ?? terms.Limit, State = terms.State, LastSeen = time };
    }

    /// <summary>Reads a session that the caller has closed and not released, holding the lock of its client id.</summary>
    public ClientStatus ReadClosedNeedsLock(SessionId session, in SessionTerms terms, long closedAt)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        return ToStatus(chunk.Records[index], session, chunk, index, terms, closedAt);
    }

    /// <summary>Where the memberships of a session begin whose end has not been seen to.</summary>
    public ref MembershipHandle MembershipsNeedsLock(SessionId session)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        return ref chunk.Records[index].Memberships;
    }

    /// <summary>The client whose session this is, as long as its end has not been seen to.</summary>
    public string? ClientOf(SessionId session) => TryReadRecord(session, out SessionRecord record) ? record.ClientId : null;

    /// <summary>Replaces the host's state of a session.</summary>
    /// <remarks>The caller holds the lock of the session's client id and has not released the session.</remarks>
    public void SetStateNeedsLock(SessionId session, object? state)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out _);
        Volatile.Write(ref chunk.Records[index].State, state); // read without a lock
    }

    /// <summary>Takes a slot for a session that is about to start.</summary>
    public SessionId Reserve(string clientId, object? state, int limit)
    {
        uint slot = _slots.Take();
        SessionChunk chunk = ChunkOf(slot);
        ref SessionRecord record = ref chunk.Records[IndexOf(slot)];
        record.ClientId = clientId;
        record.State = state;
        chunk.SetLimit(IndexOf(slot), limit);
        if (rule == HeartbeatRule.Decrement)
        {
            chunk.EnsureLastHeartbeats();
        }

        Note(chunk, IndexOf(slot), Now);
        uint tag = _tags.TagOf(slot, record.Generation);
        Interlocked.Increment(ref _online.Value); // before anybody can end it
        Volatile.Write(ref chunk.Words[IndexOf(slot)], SessionWord.Arriving(tag)); // publishes the record as well
        return Name(slot, tag);
    }

    /// <summary>Starts a reserved session with a count that is 0 at tick <paramref name="startedAt"/>, unless a heartbeat of its client has started it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="limit">Its limit.</param>
    /// <param name="startedAt">The tick.</param>
    /// <param name="firstLimit">Its limit until its first heartbeat, if that is another.</param>
    public void Start(SessionId session, int limit, long startedAt, int? firstLimit = null)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag);
        TryStart(chunk, index, tag, SessionWord.Arriving(tag), limit, startedAt, firstLimit);
    }

    /// <summary>Sets the count of a session back to 0 if it is over before its join is.</summary>
    /// <remarks>
    /// So many ticks come only while the joining thread is held up. The caller holds the lock of the session's client id, and has just started it. A sweep may even have
    /// closed it; nobody has seen to that end, for which it takes the lock, so the session goes on.
    /// </remarks>
    public void RestartIfOverNeedsLock(SessionId session, int limit, int? firstLimit = null)
    {
        TryLocate(session, out SessionChunk chunk, out int index, out uint tag);
        while (true)
        {
            bool isClosed = !TryReadTerms(chunk, index, tag, out long seen, out SessionTerms terms);
            long now = Now;
            if (!isClosed && terms.EndsAt > now)
            {
                return;
            }

            bool waits = isClosed ? SessionWord.HadProvision(seen) : terms.IsFirst;
            Interlocked.Add(ref _online.Value, isClosed ? 1 : 0); // first, as in Reserve
            TryStart(chunk, index, tag, seen, limit, now, waits ? firstLimit : null);
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
        chunk.Provisions?.Remove(index);
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

            int limit = chunk.LimitOf(index);
            long reset = SessionWord.Live(now + limit + 1, tag);
            long next = reset;
            if (rule == HeartbeatRule.Decrement)
            {
                next = SessionWord.DeadlineOf(seen) > now ? Math.Min(seen, reset) + SessionWord.OneTick : reset; // rescued from over its limit it starts again at 0
            }

            if (next <= seen && chunk.OwnLimits is not null && (Volatile.Read(ref word) != seen || chunk.LimitOf(index) != limit))
            {
                continue; // the limit is not the word's: it was changed after the word was read
            }

            // If the limit changed, and the word back to what was seen, it is to be done again; but one tick more is right by any limit.
            if (next == seen || (Interlocked.CompareExchange(ref word, next, seen) == seen && (chunk.LimitOf(index) == limit || next != reset)))
            {
                if (rule == HeartbeatRule.Decrement)
                {
                    chunk.NoteHeartbeat(index, now);
                }

                return true;
            }
        }
    }

    /// <summary>A heartbeat for a session whose word is not a live one: a provision holds for it, or its limit is being changed.</summary>
    private bool TryBeatSlowly(SessionChunk chunk, int index, uint tag)
    {
        ref long word = ref chunk.Words[index];
        while (true)
        {
            long changing = Volatile.Read(ref word);
            if (SessionWord.IsChanging(changing) && SessionWord.OwnTagOf(changing) == tag)
            {
                if (Interlocked.CompareExchange(ref word, SessionWord.WithHeartbeat(changing), changing) == changing)
                {
                    return Note(chunk, index, Now);
                }
            }
            else if (!TryReadTerms(chunk, index, tag, out long seen, out SessionTerms terms))
            {
                if (!SessionWord.IsChanging(seen) || SessionWord.OwnTagOf(seen) != tag)
                {
                    return false;
                }
            }
            else
            {
                long now = Now;
                if (terms.EndsAt <= Judged)
                {
                    return false;
                }

                if (!SessionWord.IsProvisional(seen))
                {
                    if (TryBeat(chunk, index, tag))
                    {
                        return true;
                    }
                }
                else
                {
                    Provision? provision = chunk.Provisions?.Of(index);
                    long next = SessionWord.Live(terms.AfterHeartbeat(rule, chunk.LimitOf(index), now).Deadline, tag);
                    if (Interlocked.CompareExchange(ref word, next, seen) == seen)
                    {
                        if (provision?.Word == seen)
                        {
                            chunk.Provisions!.Remove(index, provision);
                        }

                        return Note(chunk, index, now);
                    }
                }
            }
        }
    }

    private static void TryStart(SessionChunk chunk, int index, uint tag, long seen, int limit, long startedAt, int? firstLimit)
    {
        if (firstLimit is { } first)
        {
            SessionTerms terms = SessionTerms.Plain(startedAt + first + 1, first) with { IsFirst = true };
            chunk.EnsureProvisions().TryAdd(chunk, index, tag, seen, terms, replaced: chunk.Provisions?.Of(index));
        }
        else
        {
            Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Live(startedAt + limit + 1, tag), seen);
        }
    }

    /// <summary>Finds where a session is, or was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLocate(SessionId session, out SessionChunk chunk, out int index, out uint tag)
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

    private bool TryCloseDue(SessionChunk chunk, int index, long seen, in SessionTerms terms)
    {
        long now = Now;
        long ending = SessionWord.Ending(SessionWord.OwnTagOf(seen), Math.Max(0, now - terms.EndsAt), now, SessionWord.IsProvisional(seen));
        bool closed = Interlocked.CompareExchange(ref chunk.Words[index], ending, seen) == seen;
        if (closed)
        {
            Interlocked.Decrement(ref _online.Value);
        }

        return closed;
    }

    private ClientStatus ToStatus(in SessionRecord record, SessionId session, SessionChunk chunk, int index, in SessionTerms terms, long now)
    {
        int count = terms.CountAt(now);
        (TimeSpan ago, DateTimeOffset time) = _times.Of(rule == HeartbeatRule.Reset ? now - count : chunk.LastHeartbeatOf(index, now));
        return new ClientStatus
        {
            ClientId = record.ClientId!,
            Session = session,
            Count = count,
            ExpireAfter = terms.Limit,
            IsSuspect = count > SuspectAfter(terms.Limit),
            State = record.State,
            LastSeenAgo = ago,
            LastSeen = time,
        };
    }

    /// <summary>Keeps the tick of a heartbeat, if the word does not: under the classic rule the count says how many were lost, not when the last one came.</summary>
    private bool Note(SessionChunk chunk, int index, long now)
    {
        if (rule == HeartbeatRule.Decrement)
        {
            chunk.NoteHeartbeat(index, now);
        }

        return true;
    }

    /// <summary>Reads a session's record as it stood at one moment, unless the session's end has been seen to.</summary>
    private bool TryReadRecord(SessionId session, out SessionRecord record)
    {
        if (TryLocate(session, out SessionChunk chunk, out int index, out uint tag) && HasRecordOf(Volatile.Read(ref chunk.Words[index]), tag)) // else there may be no record at all
        {
            record = chunk.Records[index];
            Volatile.ReadBarrier(); // what was copied is the session's own if the word still is
            return HasRecordOf(Volatile.Read(ref chunk.Words[index]), tag) && record.ClientId is not null;
        }

        record = default;
        return false;
    }

    private static bool HasRecordOf(long word, uint tag) => SessionWord.OwnTagOf(word) == tag && !SessionWord.IsArriving(word);
}
