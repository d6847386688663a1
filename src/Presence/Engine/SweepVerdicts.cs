namespace Presence.Engine;

/// <summary>The verdicts of one tick on the sessions that its scan found, one by one.</summary>
/// <remarks>Thread safety: none; ticks come one at a time. Heartbeats, joins and ends go on meanwhile, and the swap of a word decides against them.</remarks>
internal sealed class SweepVerdicts(SessionTable table, ExpiryTerms terms, SweepFindings findings)
{
    private readonly LongestDue? _longestDue = terms.MaxSeenTo is { } max ? new LongestDue(max) : null;

    public long Now { get; } = table.Now;

    /// <summary>Whether a suspect still is one. If not, that is a finding, unless its session is over.</summary>
    public bool StaysSuspect(SessionChunk chunk, int chunkIndex, int index)
    {
        long word = Volatile.Read(ref chunk.Words[index]);
        uint tag = SessionWord.TagOf(word);
        if (!chunk.IsSuspect(index, tag))
        {
            return false; // it was another session's
        }

        int limit = chunk.LimitOf(index);
        if (IsSuspect(word, limit))
        {
            return true;
        }

        chunk.ChangeSuspicion(index, tag, SessionTable.CountOf(word, limit, Now));
        findings.Recovered.Add(Name(chunkIndex, index, tag));
        return false;
    }

    /// <summary>Gives the verdict on a session, if it is due or suspect; or puts it off until all that are due are known.</summary>
    public void Judge(SessionChunk chunk, int chunkIndex, int index, int limit)
    {
        long word = Volatile.Read(ref chunk.Words[index]);
        if (word >= SessionWord.BoundOver(table.SuspectAfter(limit), limit, Now))
        {
            return; // neither, or closed, or no more what it was when the scan found it
        }

        long overdue = Now - SessionWord.DeadlineOf(word);
        var session = new DueSession(Name(chunkIndex, index, SessionWord.TagOf(word)), word, limit, chunk);
        if (overdue < 0 || IsKept(limit, overdue))
        {
            NoteSuspicion(chunk, index, session);
        }
        else if (_longestDue is null)
        {
            SeeTo(chunk, index, session);
        }
        else if (terms.IsAsked?.Invoke(session.Session) is true)
        {
            NoteSuspicion(chunk, index, session);
        }
        else if (_longestDue.Offer(session) is { } waiting)
        {
            NoteSuspicion(waiting.Chunk, IndexOf(waiting), waiting);
        }
    }

    /// <summary>Sees to those that were put off.</summary>
    public void Complete()
    {
        foreach (DueSession due in _longestDue?.TakeAll() ?? [])
        {
            SeeTo(due.Chunk, IndexOf(due), due);
        }
    }

    private bool IsKept(int limit, long overdue)
    {
        bool isKept = terms.Hold.Keeps(limit, overdue);
        findings.Held += isKept ? 1 : 0;
        findings.ReleasedLimit = isKept ? findings.ReleasedLimit : Math.Max(findings.ReleasedLimit, limit);
        return isKept;
    }

    private void SeeTo(SessionChunk chunk, int index, in DueSession due)
    {
        if (terms.IsAsked is not null)
        {
            findings.ToAsk.Add(due);
            NoteSuspicion(chunk, index, due);
        }
        else if (table.TryCloseDue(chunk, index, SessionWord.TagOf(due.Word), Now))
        {
            findings.AddClosed(due);
        }
    }

    private void NoteSuspicion(SessionChunk chunk, int index, in DueSession session)
    {
        uint tag = SessionWord.TagOf(session.Word);
        if (IsSuspect(session.Word, session.Limit) && !chunk.IsSuspect(index, tag))
        {
            chunk.ChangeSuspicion(index, tag, SessionTable.CountOf(session.Word, session.Limit, Now));
            chunk.Suspects.Add(index);
            findings.Suspected.Add(session.Session);
        }
    }

    private bool IsSuspect(long word, int limit) => SessionTable.CountOf(word, limit, Now) > table.SuspectAfter(limit);

    private static int IndexOf(in DueSession due) => (int)SessionTable.SlotOf(due.Session) & (SessionChunk.MaxSlots - 1);

    private static SessionId Name(int chunkIndex, int index, uint tag) => SessionTable.Name((uint)((chunkIndex << SessionChunk.SlotBits) + index), tag);
}
