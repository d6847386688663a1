namespace Presence.Engine;

/// <summary>Some slots. Words and records stand in arrays of their own, so that a sweep reads words and nothing else.</summary>
internal sealed class SessionChunk
{
    public const int SlotBits = 16;

    /// <summary>So many that a sweep comes to the start of a chunk, which no processor foresees, seldom enough not to be noticed.</summary>
    public const int MaxSlots = 1 << SlotBits;

    /// <summary>The words of every chunk that was dropped: whoever still looks for a session there, long over, finds that there is none. Never written.</summary>
    private static readonly Lazy<long[]> NoWords = new(static () => Filled(MaxSlots));

    private readonly int _expireAfter;
    private readonly Stack<int> _free = new(); // the last freed is taken first
    private int _used;
    private int _taken;
    private int _limitChanges;
    private SlotSet? _ownLimits; // made when the first session comes here that has one
    private Provisions? _provisions; // made when the first session comes here that has one
    private uint[]? _lastHeartbeats; // a tick per slot, under the rule by which the word does not say it
    private long[]? _suspicions; // a Suspicion per slot; made by the tick that finds the first suspect here

    /// <summary>Makes a chunk of free slots.</summary>
    /// <param name="slots">How many.</param>
    /// <param name="expireAfter">The limit of sessions without one of their own.</param>
    /// <param name="firstGeneration">How many sessions the slots may have had before, in a chunk that was dropped.</param>
    public SessionChunk(int slots, int expireAfter, uint firstGeneration = 0)
        : this(Filled(slots), new SessionRecord[slots], expireAfter, firstGeneration)
    {
        for (int index = 0; firstGeneration > 0 && index < slots; index++)
        {
            Records[index].Generation = firstGeneration;
        }
    }

    private SessionChunk(long[] words, SessionRecord[] records, int expireAfter, uint firstGeneration) =>
        (Words, Records, _expireAfter, FirstGeneration) = (words, records, expireAfter, firstGeneration);

    public long[] Words { get; }

    public SessionRecord[] Records { get; }

    /// <summary>The words of slots that were ever taken: all that a sweep has to read.</summary>
    public Span<long> Used => Words.AsSpan(0, Volatile.Read(ref _used));

    public bool IsEmpty => _taken == 0;

    /// <summary>Whether only this is left of a chunk: that ids which it gave are not given again.</summary>
    public bool IsDropped => Records.Length == 0;

    /// <summary>The generation at which the slots start, or would again.</summary>
    public uint FirstGeneration { get; }

    /// <summary>The slots of those whom the last sweep left suspect, so that the next one looks whether they have recovered. For ticks.</summary>
    public List<int> Suspects { get; } = [];

    /// <summary>The slots whose sessions have a limit of their own, which stands in the record; none if there never was one.</summary>
    public SlotSet? OwnLimits => Volatile.Read(ref _ownLimits);

    /// <summary>How often the limit of a living session was changed here: whoever reads a word and its limit reads this before and after.</summary>
    public int LimitChanges => Volatile.Read(ref _limitChanges);

    /// <summary>What holds for sessions until their next heartbeat; null if nothing ever did.</summary>
    public Provisions? Provisions => Volatile.Read(ref _provisions);

    /// <summary>What is left of a chunk that nobody is in.</summary>
    public static SessionChunk Dropped(SessionChunk chunk) =>
        new(NoWords.Value, [], chunk._expireAfter, chunk.Records.Max(record => record.Generation));

    /// <summary>Takes a slot, one that was freed before one that nobody has had. For the pool, under its lock.</summary>
    public bool TryTake(out int index)
    {
        if (!_free.TryPop(out index))
        {
            while (_used < Words.Length && Records[_used].Generation >= TagPermutation.Length)
            {
                Volatile.Write(ref _used, _used + 1); // it has given all its ids
            }

            index = _used;
            if (index == Words.Length)
            {
                return false;
            }

            Volatile.Write(ref _used, index + 1);
        }

        _taken++;
        return true;
    }

    /// <summary>Takes back a slot. One that has given every id is not given again. For the pool, under its lock.</summary>
    public void Return(int index)
    {
        _taken--;
        if (IsEmpty)
        {
            _free.Clear();
            Volatile.Write(ref _used, 0); // sweeps have nothing to read here
        }
        else if (Records[index].Generation < TagPermutation.Length)
        {
            _free.Push(index);
        }
    }

    public int LimitOf(int index) => OwnLimits is { } own && own.Contains(index) ? Records[index].ExpireAfter : _expireAfter;

    /// <summary>Gives a session its limit, before its word is published: whoever reads the word then finds the limit.</summary>
    public void SetLimit(int index, int limit)
    {
        Records[index].ExpireAfter = limit;
        if (limit == _expireAfter)
        {
            return; // if the slot is noted already it stays so: the record is right whatever the limit
        }

        if (OwnLimits is null)
        {
            Interlocked.CompareExchange(ref _ownLimits, new SlotSet(Words.Length), null);
        }

        OwnLimits!.Add(index);
    }

    /// <summary>Gives a living session another limit, while its word is one that says so.</summary>
    public void ChangeLimit(int index, int limit)
    {
        SetLimit(index, limit);
        Interlocked.Increment(ref _limitChanges);
    }

    /// <summary>Makes room for the ticks of heartbeats, before a session comes that needs it.</summary>
    public void EnsureLastHeartbeats()
    {
        if (Volatile.Read(ref _lastHeartbeats) is null)
        {
            Interlocked.CompareExchange(ref _lastHeartbeats, new uint[Words.Length], null);
        }
    }

    /// <summary>Takes note of the tick of a heartbeat, where the word does not say it.</summary>
    public void NoteHeartbeat(int index, long now)
    {
        uint[] all = _lastHeartbeats!; // made before the first session came
        if (all[index] != (uint)now)
        {
            all[index] = (uint)now;
        }
    }

    /// <summary>The tick of the last heartbeat that was noted, of the last 2^32.</summary>
    public long LastHeartbeatOf(int index, long now) => now - (uint)((uint)now - (Volatile.Read(ref _lastHeartbeats)?[index] ?? (uint)now));

    /// <summary>Where provisions are added.</summary>
    public Provisions EnsureProvisions() => Provisions ?? Interlocked.CompareExchange(ref _provisions, new Provisions(), null) ?? _provisions;

    /// <summary>Takes note that a slot has no session any more, before it is another's.</summary>
    public void ForgetLimit(int index)
    {
        if (OwnLimits is { } own && own.Contains(index))
        {
            own.Remove(index);
        }
    }

    /// <summary>Whether the last that was noted of a session is that it is suspect.</summary>
    public bool IsSuspect(int index, uint tag) => _suspicions is { } all && Suspicion.Of(Volatile.Read(ref all[index]), tag).IsSuspect;

    /// <summary>Notes that a session is suspect, or no longer so, with its count. For ticks.</summary>
    public void ChangeSuspicion(int index, uint tag, int count)
    {
        if (_suspicions is null)
        {
            Volatile.Write(ref _suspicions, new long[Words.Length]);
        }

        ref long bits = ref _suspicions[index];
        long seen;
        do
        {
            seen = Volatile.Read(ref bits);
        }
        while (Interlocked.CompareExchange(ref bits, Suspicion.Of(seen, tag).Changed(count).Bits, seen) != seen);
    }

    /// <summary>Takes the next thing to tell of a session's suspicions.</summary>
    public bool TryTellSuspicion(int index, uint tag, out PresenceChanges kind, out int count)
    {
        (kind, count) = (PresenceChanges.None, 0);
        if (Volatile.Read(ref _suspicions) is not { } all)
        {
            return false;
        }

        ref long bits = ref all[index];
        while (true)
        {
            long seen = Volatile.Read(ref bits);
            var suspicion = Suspicion.Of(seen, tag);
            if (suspicion.IsTold || Interlocked.CompareExchange(ref bits, suspicion.Tell(out kind, out count).Bits, seen) == seen)
            {
                return !suspicion.IsTold;
            }
        }
    }

    private static long[] Filled(int slots)
    {
        long[] words = new long[slots];
        Array.Fill(words, SessionWord.Free);
        return words;
    }
}
