namespace Presence.Engine;

/// <summary>The slots of a table: hands out free ones, grows by a chunk when there is none, and lets chunks go that nobody is in.</summary>
/// <remarks>
/// <para>The first chunk is small, for trackers of few clients; the numbers of the slots that it does not have are left out. Slots of the lowest chunk with room are taken first, so that
/// those behind empty themselves as clients leave. Of the empty ones, one is kept.</para>
/// <para>Thread safety: full; <c>_gate</c> guards the free slots, the growth and the shrinking, and nothing else. Growth moves no chunk.</para>
/// </remarks>
internal sealed class SlotPool
{
    private const int FirstSlots = 1024;

    private readonly int _expireAfter;
    private readonly Lock _gate = new();
    private SessionChunk[] _chunks;
    private int _firstOpen; // no chunk before it has room
    private int _spare; // a chunk behind the first that nobody is in; 0 if there is none

    public SlotPool(int expireAfter)
    {
        _expireAfter = expireAfter;
        _chunks = [new SessionChunk(FirstSlots, expireAfter)];
        _chunks[0].TryTake(out _); // slot 0 stays taken, so that SessionId.None names nobody
    }

    public SessionChunk[] Chunks => Volatile.Read(ref _chunks);

    public uint Take()
    {
        lock (_gate)
        {
            for (; ; _firstOpen++)
            {
                if (_firstOpen == _chunks.Length)
                {
                    Volatile.Write(ref _chunks, [.. _chunks, new SessionChunk(SessionChunk.MaxSlots, _expireAfter)]);
                }
                else if (_chunks[_firstOpen].IsDropped)
                {
                    Replace(_firstOpen, new SessionChunk(SessionChunk.MaxSlots, _expireAfter, _chunks[_firstOpen].FirstGeneration));
                }

                if (_chunks[_firstOpen].TryTake(out int index))
                {
                    _spare = _spare == _firstOpen ? 0 : _spare;
                    return ((uint)_firstOpen << SessionChunk.SlotBits) + (uint)index;
                }
            }
        }
    }

    /// <summary>Takes a slot back that has no session any more.</summary>
    public void Return(uint slot)
    {
        lock (_gate)
        {
            int chunkIndex = (int)(slot >> SessionChunk.SlotBits);
            _chunks[chunkIndex].Return((int)slot & (SessionChunk.MaxSlots - 1));
            _firstOpen = Math.Min(_firstOpen, chunkIndex);
            if (chunkIndex > 0 && _chunks[chunkIndex].IsEmpty)
            {
                DropSpare(chunkIndex);
            }
        }
    }

    /// <summary>Keeps one empty chunk, the lower of two, so that clients who come and go at its border don't have it made again and again.</summary>
    private void DropSpare(int emptied)
    {
        if (_spare != 0)
        {
            int dropped = Math.Max(_spare, emptied);
            Replace(dropped, SessionChunk.Dropped(_chunks[dropped]));
            emptied = Math.Min(_spare, emptied);
        }

        _spare = emptied;
    }

    private void Replace(int chunkIndex, SessionChunk chunk)
    {
        SessionChunk[] chunks = [.. _chunks];
        chunks[chunkIndex] = chunk;
        Volatile.Write(ref _chunks, chunks);
    }
}
