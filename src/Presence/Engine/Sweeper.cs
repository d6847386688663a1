namespace Presence.Engine;

/// <summary>A tick's two passes over the words: first what the tick will find, so that guards can weigh it; then the verdicts.</summary>
/// <remarks>
/// The first pass is the one that costs: it reads every word, in vectors. The second enters only the chunks in which the first found something.
/// Thread safety: none; ticks come one at a time. Heartbeats, joins and ends go on meanwhile.
/// </remarks>
internal sealed class Sweeper(SessionTable table)
{
    private static readonly SweepFindings Nothing = new();

    /// <summary>Chunks in which the last first pass found someone due or suspect, or in which there was a suspect before.</summary>
    private readonly List<int> _found = [];

    /// <summary>The first pass.</summary>
    /// <returns>How many sessions the next tick will find due, and how many due or suspect.</returns>
    public (int Due, int Suspect) Look()
    {
        long next = table.Now + 1;
        int due = 0;
        int suspect = 0;
        _found.Clear();
        SessionChunk[] chunks = table.Chunks;
        for (int chunkIndex = 0; chunkIndex < chunks.Length; chunkIndex++)
        {
            SessionChunk chunk = chunks[chunkIndex];
            ReadOnlySpan<long> words = chunk.Used;
            int found = DueScan.Count(words, SuspectBound(chunk, next));
            if (found > 0)
            {
                due += DueScan.Count(words, SessionWord.DueBound(next));
                suspect += chunk.HasOwnLimits ? CountSuspects(chunk, words, next) : found;
            }

            if (found > 0 || chunk.Suspects.Count > 0)
            {
                _found.Add(chunkIndex);
            }
        }

        return (due, suspect);
    }

    /// <summary>The second pass, after the clock has moved: notes who is suspect, and closes or only names who is due.</summary>
    /// <param name="maxDue">How many of the due to close or name at most. The others just stay open.</param>
    /// <param name="closes">Whether to close them.</param>
    public SweepFindings Judge(int maxDue, bool closes)
    {
        if (_found.Count == 0)
        {
            return Nothing; // as on most ticks
        }

        var findings = new SweepFindings();
        foreach (int chunkIndex in _found)
        {
            Judge(chunkIndex, maxDue, closes, findings);
        }

        return findings;
    }

    private void Judge(int chunkIndex, int maxDue, bool closes, SweepFindings findings)
    {
        SessionChunk chunk = table.Chunks[chunkIndex];
        long now = table.Now;
        chunk.Suspects.RemoveAll(index => !StaysSuspect(chunk, chunkIndex, index, now, findings));

        long bound = SuspectBound(chunk, now);
        ReadOnlySpan<long> words = chunk.Used;
        for (int index = DueScan.Next(words, 0, bound); index >= 0; index = DueScan.Next(words, index + 1, bound))
        {
            long word = Volatile.Read(in words[index]);
            if (word >= bound)
            {
                continue; // beaten or closed since it was found
            }

            uint tag = SessionWord.TagOf(word);
            SessionId session = Name(chunkIndex, index, tag);
            if (SessionWord.DeadlineOf(word) <= now && findings.Closed.Count + findings.LeftDue.Count < maxDue)
            {
                if (!closes)
                {
                    findings.LeftDue.Add((session, word));
                }
                else if (table.TryCloseDue(chunk, index, tag, now))
                {
                    findings.Closed.Add(session);
                    continue;
                }
            }

            if (IsSuspect(chunk, index, word, now) && !chunk.IsSuspect(index, tag))
            {
                chunk.ChangeSuspicion(index, tag);
                chunk.Suspects.Add(index);
                findings.Suspected.Add(session);
            }
        }
    }

    /// <summary>Whether a suspect still is one. If not, that is a finding, unless its session is over.</summary>
    private bool StaysSuspect(SessionChunk chunk, int chunkIndex, int index, long now, SweepFindings findings)
    {
        long word = Volatile.Read(ref chunk.Words[index]);
        uint tag = SessionWord.TagOf(word);
        if (!chunk.IsSuspect(index, tag))
        {
            return false; // it was another session's
        }

        if (!IsSuspect(chunk, index, word, now))
        {
            chunk.ChangeSuspicion(index, tag);
            findings.Recovered.Add(Name(chunkIndex, index, tag));
            return false;
        }

        return true;
    }

    private int CountSuspects(SessionChunk chunk, ReadOnlySpan<long> words, long now)
    {
        int count = 0;
        long bound = SuspectBound(chunk, now);
        for (int index = DueScan.Next(words, 0, bound); index >= 0; index = DueScan.Next(words, index + 1, bound))
        {
            long word = Volatile.Read(in words[index]);
            count += word < bound && (SessionWord.DeadlineOf(word) <= now || IsSuspect(chunk, index, word, now)) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The least word of the chunk that is neither due nor suspect, whatever its session's limit.</summary>
    private long SuspectBound(SessionChunk chunk, long now) => SessionWord.DueBound(now + Math.Max(0, chunk.MaxLimit - (long)table.SuspectAfter(chunk.MaxLimit)));

    private bool IsSuspect(SessionChunk chunk, int index, long word, long now) =>
        chunk.LimitOf(index) is int limit && SessionTable.CountOf(word, limit, now) > table.SuspectAfter(limit);

    private static SessionId Name(int chunkIndex, int index, uint tag) => SessionTable.Name((uint)((chunkIndex << SessionChunk.SlotBits) + index), tag);
}
