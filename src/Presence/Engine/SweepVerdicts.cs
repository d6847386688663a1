namespace Presence.Engine;

/// <summary>The verdicts of one tick on the sessions that its scan found, one by one.</summary>
/// <remarks>Thread safety: none; ticks come one at a time. Heartbeats, joins and ends go on meanwhile, and the swap of a word decides against them.</remarks>
internal sealed class SweepVerdicts(SessionTable table, ExpiryTerms expiry, SweepFindings findings)
{
    private readonly LongestDue? _longestDue = expiry.MaxSeenTo is { } max ? new LongestDue(max) : null;

    public long Now { get; } = table.Now;

    /// <summary>Whether a suspect still is one. If not, that is a finding, unless its session is over.</summary>
    public bool StaysSuspect(SessionChunk chunk, int chunkIndex, int index)
    {
        long word = Volatile.Read(ref chunk.Words[index]);
        uint tag = SessionWord.OwnTagOf(word);
        if (!chunk.IsSuspect(index, tag))
        {
            return false; // it was another session's
        }

        if (!SessionTable.TryReadTerms(chunk, index, tag, out word, out SessionTerms terms))
        {
            return SessionWord.IsChanging(word);
        }

        if (IsSuspect(terms) || terms.EndsAt <= Now)
        {
            return true; // also one that beat again, and is ended by a notice or limit that came then: who is due has not recovered
        }

        chunk.ChangeSuspicion(index, tag, terms.CountAt(Now));
        findings.Recovered.Add(Name(chunkIndex, index, tag));
        return false;
    }

    /// <summary>Gives the verdict on a session, if it is due or suspect; or puts it off until all that are due are known.</summary>
    public void Judge(SessionChunk chunk, int chunkIndex, int index, int limit)
    {
        if (Volatile.Read(ref chunk.Words[index]) < SessionWord.BoundOver(table.SuspectAfter(limit), limit, Now))
        {
            Judge(chunk, chunkIndex, index); // else it is neither, or closed, or no more what it was when the scan found it
        }
    }

    /// <summary>Gives the verdict on a session, as above, whatever its word looks like.</summary>
    public void Judge(SessionChunk chunk, int chunkIndex, int index)
    {
        uint tag = SessionWord.OwnTagOf(Volatile.Read(ref chunk.Words[index]));
        if (!SessionTable.TryReadTerms(chunk, index, tag, out long word, out SessionTerms terms))
        {
            return;
        }

        long overdue = Now - terms.EndsAt;
        var session = new DueSession(Name(chunkIndex, index, tag), word, terms, chunk);
        if (overdue < 0 || IsKept(terms.Limit, overdue))
        {
            NoteSuspicion(session);
        }
        else if (_longestDue is null)
        {
            SeeTo(session);
        }
        else if (expiry.IsAsked?.Invoke(session.Session) is true)
        {
            NoteSuspicion(session);
        }
        else if (_longestDue.Offer(session) is { } waiting)
        {
            NoteSuspicion(waiting);
        }
    }

    /// <summary>Sees to those that were put off.</summary>
    public void Complete()
    {
        foreach (DueSession due in _longestDue?.TakeAll() ?? [])
        {
            SeeTo(due);
        }
    }

    private bool IsKept(int limit, long overdue)
    {
        bool isKept = expiry.Hold.Keeps(limit, overdue);
        findings.Held += isKept ? 1 : 0;
        findings.ReleasedLimit = isKept ? findings.ReleasedLimit : Math.Max(findings.ReleasedLimit, limit);
        return isKept;
    }

    private void SeeTo(in DueSession due)
    {
        if (expiry.IsAsked is not null)
        {
            findings.ToAsk.Add(due);
            NoteSuspicion(due);
        }
        else if (table.TryCloseDue(due.Chunk, due.Index, SessionWord.OwnTagOf(due.Word), Now))
        {
            findings.AddClosed(due);
        }
    }

    private void NoteSuspicion(in DueSession session)
    {
        uint tag = SessionWord.OwnTagOf(session.Word);
        if (IsSuspect(session.Terms) && !session.Terms.IsNotice && !session.Chunk.IsSuspect(session.Index, tag)) // who is on short notice comes back untold, if at all
        {
            session.Chunk.ChangeSuspicion(session.Index, tag, session.Terms.CountAt(Now));
            session.Chunk.Suspects.Add(session.Index);
            findings.Suspected.Add(session.Session);
        }
    }

    private bool IsSuspect(in SessionTerms terms) => terms.CountAt(Now) > table.SuspectAfter(terms.Limit);

    private static SessionId Name(int chunkIndex, int index, uint tag) => SessionTable.Name((uint)((chunkIndex << SessionChunk.SlotBits) + index), tag);
}
