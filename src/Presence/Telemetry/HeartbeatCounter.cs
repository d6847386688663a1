using System.Numerics;
using System.Runtime.InteropServices;

namespace Presence.Telemetry;

/// <summary>Counts heartbeats without a memory location that two threads write.</summary>
/// <remarks>
/// Each thread counts in a cell of its own, found by its managed thread id: the runtime gives an id to one thread at a time and
/// uses it again, so there are no more cells than threads alive at once. Thread safety: full; a sum may trail by the counts of the moment.
/// </remarks>
internal sealed class HeartbeatCounter
{
    private readonly Lock _growth = new();
    private Cell?[] _cells = [];

    public long Accepted => Sum(static cell => Volatile.Read(ref cell.Accepted));

    public long Unknown => Sum(static cell => Volatile.Read(ref cell.Unknown));

    public bool Accept()
    {
        Mine().Accepted++;
        return true;
    }

    public bool Reject()
    {
        Mine().Unknown++;
        return false;
    }

    private Cell Mine()
    {
        Cell?[] cells = Volatile.Read(ref _cells);
        int thread = Environment.CurrentManagedThreadId;
        return thread < cells.Length && cells[thread] is { } cell ? cell : Add(thread);
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

            Cell cell = cells[thread] = new Cell();
            Volatile.Write(ref _cells, cells);
            return cell;
        }
    }

    private long Sum(Func<Cell, long> count) => Volatile.Read(ref _cells).Sum(cell => cell is null ? 0 : count(cell));

    /// <summary>Two cache lines, so that no two threads' counts share one.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private sealed class Cell
    {
        public long Accepted;
        public long Unknown;
    }
}
