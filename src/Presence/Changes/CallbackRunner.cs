using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>What it takes to run a tracker's callbacks, and to know that one is running.</summary>
internal sealed class CallbackRunner(FairQueue queue, RunningCallbacks running, ILogger logger, PresenceMetrics metrics)
{
    private static readonly AsyncLocal<object?> Inside = new();

    private readonly object _mark = new(); // not this runner itself, which all that a callback starts would keep alive
    private ExecutionContext? _context;

    public FairQueue Queue => queue;

    public RunningCallbacks Running => running;

    public ILogger Logger => logger;

    public PresenceMetrics Metrics => metrics;

    /// <summary>Whether the caller is one of this tracker's callbacks, or was started by one.</summary>
    public bool IsInside => Inside.Value == _mark;

    /// <summary>Marks what runs from here on as a callback. The thread pool forgets it after the work item.</summary>
    public void Enter()
    {
        if (_context is { } context)
        {
            ExecutionContext.Restore(context); // one for all, since to set the value makes a new one each time
            return;
        }

        Inside.Value = _mark;
        _context = ExecutionContext.Capture();
    }
}
