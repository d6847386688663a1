using Microsoft.Extensions.Logging;
using Presence.Telemetry;
using Presence.Ticks;

namespace Presence.Changes;

/// <summary>The callbacks that have not returned, and the end of the tracker's patience with each.</summary>
/// <remarks>Thread safety: full; <c>_gate</c> guards the two lists, and is held for a few steps only.</remarks>
internal sealed class RunningCallbacks : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CallbackList _awaited = new(); // oldest first
    private readonly CallbackList _givenUp = new();
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly PresenceMetrics _metrics;
    private readonly ITimer _timer;
    private bool _isArmed;

    public RunningCallbacks(TimeSpan timeout, TimeProvider timeProvider, ILogger logger, PresenceMetrics metrics)
    {
        (_timeout, _timeProvider, _logger, _metrics) = (timeout, timeProvider, logger, metrics);
        metrics.RunningCallbacks = this;
        _timer = timeProvider.CreateContextFreeTimer(static self => ((RunningCallbacks)self!).OnTimer(), this);
    }

    /// <summary>Callbacks that have not returned, also those that are given up.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _awaited.Count + _givenUp.Count;
            }
        }
    }

    /// <summary>How long the one that runs longest has run; zero if none runs.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_gate)
            {
                return (_givenUp.First ?? _awaited.First) is { } oldest ? AgeOf(oldest) : TimeSpan.Zero;
            }
        }
    }

    public void Begin(CallbackRun run)
    {
        bool arms;
        lock (_gate)
        {
            run.Started = _timeProvider.GetTimestamp();
            _awaited.AddLast(run);
            arms = !_isArmed;
            _isArmed = true;
        }

        if (arms)
        {
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <returns>Whether it was still waited for.</returns>
    public bool End(CallbackRun run, out TimeSpan took)
    {
        took = AgeOf(run);
        lock (_gate)
        {
            bool isAwaited = run.List == _awaited;
            run.List!.Remove(run);
            return isAwaited;
        }
    }

    /// <summary>Waits no longer for those that have run for the whole timeout. Ticks ask for it too: a timer needs the thread pool, which hanging callbacks may starve.</summary>
    public void GiveUpOverdue()
    {
        if (TakeOverdue() is not { } overdue)
        {
            return;
        }

        foreach (CallbackRun run in overdue)
        {
            _metrics.CallbackGivenUp();
            Log.CallbackGivenUp(_logger, run.Delivery.Change.Kind, run.Delivery.Change.ClientId, run.Delivery.Change.Session, AgeOf(run));
            run.GiveUp();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        GiveUpOverdue();
        TimeSpan? wait;
        lock (_gate)
        {
            wait = _awaited.First is { } oldest ? _timeout - AgeOf(oldest) : null;
            _isArmed = wait is not null;
        }

        if (wait is { } due)
        {
            _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private List<CallbackRun>? TakeOverdue()
    {
        List<CallbackRun>? overdue = null;
        lock (_gate)
        {
            while (_awaited.First is { } oldest && AgeOf(oldest) >= _timeout)
            {
                _awaited.Remove(oldest);
                _givenUp.AddLast(oldest);
                (overdue ??= []).Add(oldest);
            }
        }

        return overdue;
    }

    private TimeSpan AgeOf(CallbackRun run) => _timeProvider.GetElapsedTime(run.Started);
}
