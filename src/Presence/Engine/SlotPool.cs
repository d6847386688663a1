namespace Presence.Engine;

/// <summary>The slots of a table: hands out free ones, the last freed first, and grows by a chunk when there is none.</summary>
/// <remarks>Thread safety: full; <c>_gate</c> guards the free slots and the growth and nothing else. Growth moves no chunk.</remarks>
internal sealed class SlotPool(int expireAfter)
{
    private readonly Lock _gate = new();
    private readonly Stack<uint> _free = new();
    private SessionChunk[] _chunks = [new(expireAfter)];
    private uint _next = 1; // slot 0 stays empty, so that SessionId.None names nobody

    public SessionChunk[] Chunks => Volatile.Read(ref _chunks);

    public uint Take()
    {
        lock (_gate)
        {
            if (_free.TryPop(out uint slot))
            {
                return slot;
            }

            if (_next >> SessionChunk.SlotBits == (uint)_chunks.Length)
            {
                Volatile.Write(ref _chunks, [.. _chunks, new SessionChunk(expireAfter)]);
            }

            return _next++;
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
