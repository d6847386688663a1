using System.Numerics;
using System.Runtime.CompilerServices;
using Presence.Engine;

namespace Presence.Telemetry;

/// <summary>Counts heartbeats without a memory location that two threads write.</summary>
/// <remarks>
/// Each thread counts in a cell of its own, found by its managed thread id: the runtime gives an id to one thread at a time and
/// uses it again, so there are no more cells than threads alive at once. Thread safety: full; a sum may trail by the counts of the moment.
/// </remarks>
internal sealed class HeartbeatCounter
{
    [ThreadStatic]
    private static Cell? _last;

    private readonly Lock _growth = new();
    private Cell?[] _cells = [];

    public long Accepted => Sum(static cell => Volatile.Read(ref cell.Accepted.Value));

    public long Unknown => Sum(static cell => Volatile.Read(ref cell.Unknown.Value));

    public bool Accept()
    {
        Mine().Accepted.Value++;
        return true;
    }

    public bool Reject()
    {
        Mine().Unknown.Value++;
        return false;
    }

    /// <summary>The thread's cell; mostly the one that it used last, for few threads serve more than one tracker.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Cell Mine() => _last is { } last && last.Owner == this ? last : Find();

    private Cell Find()
    {
        Cell?[] cells = Volatile.Read(ref _cells);
        int thread = Environment.CurrentManagedThreadId;
        return _last = thread < cells.Length && cells[thread] is { } cell ? cell : Add(thread);
    }

    private Cell Add(int thread)
    {
        lock (_growth)
        {
            Cell?[] cells = _cells;
            if (thread >= cells.Length)
            {
                Array.Resize(ref cells, (int)BitOperations.RoundUpToPowerOf2((uint)thread + 1));
            }

            Cell cell = cells[thread] = new Cell(this);
            Volatile.Write(ref _cells, cells);
            return cell;
        }
    }

    private long Sum(Func<Cell, long> count) => Volatile.Read(ref _cells).Sum(cell => cell is null ? 0 : count(cell));

    private sealed class Cell(HeartbeatCounter owner)
    {
        public PaddedLong Accepted;
        public PaddedLong Unknown;

        public HeartbeatCounter Owner => owner;
    }
}
