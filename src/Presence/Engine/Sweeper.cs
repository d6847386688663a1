namespace Presence.Engine;

/// <summary>A tick's two passes over the words: first what the tick will find, so that guards can weigh it; then the verdicts.</summary>
/// <remarks>
/// The first pass is the one that costs: it reads every word, in vectors. The second enters only the chunks in which the first found something.
/// Thread safety: none; ticks come one at a time. Heartbeats, joins and ends go on meanwhile.
/// </remarks>
internal sealed class Sweeper(SessionTable table)
{
    private readonly List<int> _found = [];

    /// <summary>Chunks in which the last first pass found someone due or suspect, or in which there was a suspect before.</summary>
    public IReadOnlyList<int> Found => _found;

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
            long bound = SuspectBound(chunk, next);
            ReadOnlySpan<long> words = chunk.Used;
            int index = DueScan.Next(words, 0, bound);
            if (index >= 0 || chunk.HasSuspects)
            {
                _found.Add(chunkIndex);
            }

            for (; index >= 0; index = DueScan.Next(words, index + 1, bound))
            {
                long word = Volatile.Read(in words[index]);
                bool isDue = SessionWord.DeadlineOf(word) <= next;
                due += isDue ? 1 : 0;
                suspect += isDue || IsSuspect(chunk, index, word, next) ? 1 : 0;
            }
        }

        return (due, suspect);
    }

    /// <summary>The second pass over one chunk, after the clock has moved: closes who is due, and notes who is suspect.</summary>
    /// <param name="chunkIndex">Which chunk.</param>
    /// <param name="maxToClose">How many to close at most. The rest stay open, for the caller to do with as it likes.</param>
    public SweepFindings Judge(int chunkIndex, int maxToClose)
    {
        SessionChunk chunk = table.Chunks[chunkIndex];
        long now = table.Now;
        long bound = SuspectBound(chunk, now);
        var findings = new SweepFindings();
        chunk.HasSuspects = false;
        ReadOnlySpan<long> words = chunk.Used;
        for (int index = 0; index < words.Length; index++)
        {
            long word = Volatile.Read(in words[index]);
            uint tag = SessionWord.TagOf(word);
            if (tag >= SessionWord.FirstReservedTag || (word >= bound && !chunk.HasSuspicions))
            {
                continue;
            }

            SessionId session = SessionTable.Name((uint)((chunkIndex << SessionChunk.SlotBits) + index), tag);
            bool isDue = SessionWord.DeadlineOf(word) <= now;
            if (isDue && findings.Closed.Count < maxToClose && table.TryCloseDue(chunk, index, tag, now))
            {
                findings.Closed.Add(session);
                continue;
            }

            if (isDue)
            {
                findings.LeftDue.Add((session, word));
            }

            bool isSuspect = word < bound && IsSuspect(chunk, index, word, now);
            chunk.HasSuspects |= isSuspect;
            if (chunk.TryChangeSuspicion(index, tag, isSuspect))
            {
                (isSuspect ? findings.Suspected : findings.Recovered).Add(session);
            }
        }

        return findings;
    }

    /// <summary>The least word of the chunk that is neither due nor suspect, whatever its session's limit.</summary>
    private long SuspectBound(SessionChunk chunk, long now) => SessionWord.DueBound(now + Math.Max(0, chunk.MaxLimit - (long)table.SuspectAfter(chunk.MaxLimit)));

    private bool IsSuspect(SessionChunk chunk, int index, long word, long now) =>
        chunk.LimitOf(index) is int limit && SessionTable.CountOf(word, limit, now) > table.SuspectAfter(limit);
}
