namespace Presence.Engine;

/// <summary>A tick's two passes over the words: first what the tick will find, so that guards can weigh it; then the verdicts.</summary>
/// <remarks>
/// <para>The first pass is the one that costs: it reads every word, in vectors, under one bound as if all had the default limit. Who is due is under
/// it whatever his limit; as to who is silent or suspect, it is put right for the few slots whose sessions have limits of their own, one by one. The second pass enters
/// only the chunks in which the first found something.</para>
/// <para>Thread safety: none; ticks come one at a time. Heartbeats, joins and ends go on meanwhile, so what the first pass counts is a hint.</para>
/// </remarks>
internal sealed class Sweeper(SessionTable table, int expireAfter)
{
    private readonly SweepFindings _nothing = new(expireAfter);

    /// <summary>Chunks in which the last first pass found someone, or in which there was a suspect before.</summary>
    private readonly List<int> _found = [];

    /// <summary>The count over which a client with this limit is taken for silent when the guards count how many are, whatever is told as suspicion.</summary>
    public static int SilentAfter(int limit) => Math.Max(1, limit / 2);

    /// <summary>The first pass.</summary>
    /// <returns>How many sessions the next tick will find due, and how many due or silent for half of their limit.</returns>
    public (int Due, int Silent) Look()
    {
        long next = table.Now + 1;
        int due = 0;
        int silent = 0;
        _found.Clear();
        SessionChunk[] chunks = table.Chunks;
        for (int chunkIndex = 0; chunkIndex < chunks.Length; chunkIndex++)
        {
            SessionChunk chunk = chunks[chunkIndex];
            bool isFound = Look(chunk, next, ref due, ref silent);
            if (LookAtProvisions(chunk, next, ref due, ref silent) || isFound || chunk.Suspects.Count > 0)
            {
                _found.Add(chunkIndex);
            }
        }

        return (due, silent);
    }

    /// <summary>The second pass, after the clock has moved: notes who is suspect, and closes, names or keeps who is due.</summary>
    public SweepFindings Judge(in ExpiryTerms terms)
    {
        if (_found.Count == 0)
        {
            return _nothing; // as on most ticks
        }

        var findings = new SweepFindings(expireAfter);
        var verdicts = new SweepVerdicts(table, terms, findings);
        foreach (int chunkIndex in _found)
        {
            Judge(table.Chunks[chunkIndex], chunkIndex, verdicts);
        }

        verdicts.Complete();
        return findings;
    }

    private bool Look(SessionChunk chunk, long next, ref int due, ref int silent)
    {
        long dueBound = SessionWord.DueBound(next);
        long silentBound = SessionWord.BoundOver(SilentAfter(expireAfter), expireAfter, next);
        long bound = Math.Max(silentBound, SuspectBound(expireAfter, next));
        (int ownUnder, int ownUnderSilent, int ownDue, bool found) = LookAtOwnLimits(chunk, next, bound, silentBound, ref silent);
        due += ownDue;
        ReadOnlySpan<long> words = chunk.Used;
        int under = DueScan.Count(words, bound) - ownUnder; // may be a few off: words change meanwhile
        if (under > 0)
        {
            due += Math.Max(0, DueScan.Count(words, dueBound) - ownDue);
            silent += bound == silentBound ? under : Math.Max(0, DueScan.Count(words, silentBound) - ownUnderSilent);
        }

        return found || under > 0;
    }

    /// <summary>Counts the silent among those with limits of their own, and how many of them the scan by the default limit takes in.</summary>
    private (int Under, int UnderSilent, int Due, bool Found) LookAtOwnLimits(SessionChunk chunk, long next, long bound, long silentBound, ref int silent)
    {
        (int under, int underSilent, int due, bool found) = (0, 0, 0, false);
        if (chunk.OwnLimits is { } own)
        {
            for (int index = own.Next(0); index >= 0; index = own.Next(index + 1))
            {
                long word = Volatile.Read(ref chunk.Words[index]);
                int limit = chunk.Records[index].ExpireAfter;
                under += word < bound ? 1 : 0;
                underSilent += word < silentBound ? 1 : 0;
                due += word < SessionWord.DueBound(next) ? 1 : 0;
                silent += word < SessionWord.BoundOver(SilentAfter(limit), limit, next) ? 1 : 0;
                found |= word < SuspectBound(limit, next);
            }
        }

        return (under, underSilent, due, found);
    }

    /// <summary>Counts those for whom a provision holds: no scan of the words takes them in.</summary>
    private bool LookAtProvisions(SessionChunk chunk, long next, ref int due, ref int silent)
    {
        bool found = false;
        if (chunk.Provisions is not { Any: true } provisions)
        {
            return found; // as on most ticks, and without an enumerator
        }

        foreach (int index in provisions.Slots)
        {
            if (provisions.Of(index, Volatile.Read(ref chunk.Words[index]))?.Terms is { } terms)
            {
                int count = terms.CountAt(next);
                bool isDue = terms.EndsAt <= next;
                due += isDue ? 1 : 0;
                silent += isDue || count > SilentAfter(terms.Limit) ? 1 : 0;
                found |= isDue || count > table.SuspectAfter(terms.Limit);
            }
        }

        return found;
    }

    private void Judge(SessionChunk chunk, int chunkIndex, SweepVerdicts verdicts)
    {
        chunk.Suspects.RemoveAll(index => !verdicts.StaysSuspect(chunk, chunkIndex, index));

        foreach (int index in chunk.Provisions is { Any: true } provisions ? provisions.Slots : [])
        {
            if (SessionWord.IsProvisional(Volatile.Read(ref chunk.Words[index])))
            {
                verdicts.Judge(chunk, chunkIndex, index);
            }
        }

        SlotSet? own = chunk.OwnLimits;
        long bound = SuspectBound(expireAfter, verdicts.Now);
        ReadOnlySpan<long> words = chunk.Used;
        for (int index = DueScan.Next(words, 0, bound); index >= 0; index = DueScan.Next(words, index + 1, bound))
        {
            if (own is null || !own.Contains(index))
            {
                verdicts.Judge(chunk, chunkIndex, index, expireAfter);
            }
        }

        if (own is not null)
        {
            for (int index = own.Next(0); index >= 0; index = own.Next(index + 1))
            {
                verdicts.Judge(chunk, chunkIndex, index, chunk.Records[index].ExpireAfter);
            }
        }
    }

    /// <summary>The least word of a session with this limit that is neither due nor suspect.</summary>
    private long SuspectBound(int limit, long now) => SessionWord.BoundOver(table.SuspectAfter(limit), limit, now);
}
