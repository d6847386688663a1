namespace Presence.Engine;

/// <summary>Changes what a living session is judged by: its limit, or how soon it ends.</summary>
/// <remarks>Thread safety: the caller holds the lock of the session's client id. Against heartbeats and sweeps, which take none, the swap of the word decides.</remarks>
internal sealed class SessionLives(SessionTable table)
{
    /// <summary>Gives a session another limit. Its count goes on.</summary>
    /// <remarks>
    /// Limit and word can't be written at once. So first the word is taken out of the heartbeats' hands: those that come meanwhile only add themselves to it, and are counted by the new limit when
    /// that is written. One that read word and limit before finds another word.
    /// </remarks>
    /// <returns>Whether it is online.</returns>
    public bool TrySetLimitNeedsLock(SessionId session, int limit)
    {
        if (!TryTakeNeedsLock(session, out SessionChunk chunk, out int index, out uint tag, out SessionTerms terms))
        {
            return false;
        }

        chunk.ChangeLimit(index, limit);
        terms = terms.WithLimit(limit, table.Now);
        while (true)
        {
            long changing = Volatile.Read(ref chunk.Words[index]);
            SessionTerms next = terms;
            for (int heartbeat = SessionWord.HeartbeatsOf(changing); heartbeat > 0; heartbeat--)
            {
                next = next.AfterHeartbeat(table.Rule, limit, table.Now);
            }

            if (TryWrite(chunk, index, tag, changing, next, chunk.Provisions?.Of(index)))
            {
                if (SessionWord.HeartbeatsOf(changing) >= SessionWord.ManyHeartbeats)
                {
                    table.RestartIfOverNeedsLock(session, limit); // held up for thousands of heartbeats it may have met the same word after some more of them
                }

                return true;
            }
        }
    }

    /// <summary>Has a session end after so many ticks, unless a heartbeat comes first.</summary>
    /// <returns>Whether it is online.</returns>
    public bool TryGiveNoticeNeedsLock(SessionId session, int ticks)
    {
        if (!table.TryLocate(session, out SessionChunk chunk, out int index, out uint tag))
        {
            return false;
        }

        while (SessionTable.TryReadTerms(chunk, index, tag, out long seen, out SessionTerms terms) && terms.EndsAt > table.Judged)
        {
            SessionTerms next = terms.OnNotice(ticks, table.Now);
            if (next == terms || TryWrite(chunk, index, tag, seen, next, chunk.Provisions?.Of(index, seen)))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryTakeNeedsLock(SessionId session, out SessionChunk chunk, out int index, out uint tag, out SessionTerms terms)
    {
        terms = default;
        if (!table.TryLocate(session, out chunk, out index, out tag))
        {
            return false;
        }

        while (SessionTable.TryReadTerms(chunk, index, tag, out long seen, out terms) && terms.EndsAt > table.Judged)
        {
            if (Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Changing(tag), seen) == seen)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes what a session is judged by, if its word is still the one that was seen: into the word alone, if that can say it.</summary>
    private static bool TryWrite(SessionChunk chunk, int index, uint tag, long seen, in SessionTerms next, Provision? replaced)
    {
        if (next.IsPlain)
        {
            bool isWritten = Interlocked.CompareExchange(ref chunk.Words[index], SessionWord.Live(next.Deadline, tag), seen) == seen;
            if (isWritten)
            {
                chunk.Provisions?.Remove(index);
            }

            return isWritten;
        }

        return chunk.EnsureProvisions().TryAdd(chunk, index, tag, seen, next, replaced);
    }
}
