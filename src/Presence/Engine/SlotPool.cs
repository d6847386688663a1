namespace Presence.Engine;

/// <summary>The slots of a table: hands out free ones, the last freed first, and grows by a chunk when there is none.</summary>
/// <remarks>
/// The first chunk is small, for trackers of few clients; the numbers of the slots that it does not have are left out.
/// Thread safety: full; <c>_gate</c> guards the free slots and the growth and nothing else. Growth moves no chunk.
/// </remarks>
internal sealed class SlotPool
{
    private const int FirstSlots = 1024;

    private readonly int _expireAfter;
    private readonly Lock _gate = new();
    private readonly Stack<uint> _free = new();
    private SessionChunk[] _chunks;

    public SlotPool(int expireAfter)
    {
        _expireAfter = expireAfter;
        _chunks = [new SessionChunk(FirstSlots, expireAfter)];
        _chunks[0].TakeNext(); // slot 0 stays empty, so that SessionId.None names nobody
    }

    public SessionChunk[] Chunks => Volatile.Read(ref _chunks);

    public uint Take()
    {
        lock (_gate)
        {
            if (_free.TryPop(out uint slot))
            {
                return slot;
            }

            if (_chunks[^1].IsFull)
            {
                Volatile.Write(ref _chunks, [.. _chunks, new SessionChunk(SessionChunk.MaxSlots, _expireAfter)]);
            }

            return ((uint)(_chunks.Length - 1) << SessionChunk.SlotBits) + (uint)_chunks[^1].TakeNext();
        }
    }

    public void Return(uint slot)
    {
        lock (_gate)
        {
            _free.Push(slot);
        }
    }
}
