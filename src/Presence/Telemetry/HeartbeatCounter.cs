using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Presence.Engine;

namespace Presence.Telemetry;

/// <summary>Counts heartbeats while somebody listens to their metric, and without a memory location that two threads write.</summary>
/// <remarks>
/// To count takes about a third of a heartbeat's time, so what nobody listens to is not counted. Each thread counts in a cell of its own, found by its managed thread id: the runtime gives an id to one thread at a time and
/// uses it again, so there are no more cells than threads alive at once. The first heartbeat of a thread that is counted makes its cell, for which it allocates and takes a lock.
/// Thread safety: full; a sum may trail by the counts of the moment.
/// </remarks>
internal sealed class HeartbeatCounter
{
    [ThreadStatic]
    private static Cell? _last;

    private readonly Lock _growth = new();
    private Instrument? _instrument; // null while it is being published
    private Cell?[] _cells = [];

    public void Publish(Meter meter) =>
        _instrument = meter.CreateObservableCounter("presence.heartbeats", Observe, "{heartbeat}", "Heartbeats received while somebody listens, by whether their client was online.");

    public bool Accept()
    {
        if (_instrument is { Enabled: true })
        {
            Mine().Accepted.Value++;
        }

        return true;
    }

    public bool Reject()
    {
        if (_instrument is { Enabled: true })
        {
            Mine().Unknown.Value++;
        }

        return false;
    }

    /// <summary>The thread's cell; mostly the one that it used last, for few threads serve trackers on more than one meter.</summary>
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

    private IEnumerable<Measurement<long>> Observe() =>
    [
        new(Sum(static cell => Volatile.Read(ref cell.Accepted.Value)), new TagList { { "outcome", "accepted" } }),
        new(Sum(static cell => Volatile.Read(ref cell.Unknown.Value)), new TagList { { "outcome", "unknown" } }),
    ];

    private long Sum(Func<Cell, long> count) => Volatile.Read(ref _cells).Sum(cell => cell is null ? 0 : count(cell));

    private sealed class Cell(HeartbeatCounter owner)
    {
        public PaddedLong Accepted;
        public PaddedLong Unknown;

        public HeartbeatCounter Owner => owner;
    }
}
