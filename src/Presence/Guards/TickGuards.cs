using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>
/// Withholds ticks on which heartbeats may be lost or waiting on this server, which is no client's fault; only so many in a row, so that
/// a server which is always late still expires the dead.
/// </summary>
/// <remarks>Thread safety: guards may be added and pauses made at any time; ticks come one at a time.</remarks>
internal sealed class TickGuards(int maxWithheldInRow, TimeSpan interval, ILogger logger, PresenceMetrics metrics)
{
    private readonly Registrations<Func<bool>> _guards = new();
    private readonly Registrations<object> _pauses = new();
    private readonly ThreadPoolGuard _threadPool = new(interval);
    private TimeSpan _gcPauses = GC.GetTotalPauseDuration();
    private int _inRow;
    private string _cause = "";

    public IDisposable Add(Func<bool> guard) => _guards.Add(guard);

    public IDisposable Pause() => _pauses.Add(new object());

    /// <summary>Says whether a tick counts against nobody. Asked once a tick.</summary>
    public bool Withholds(Tick tick)
    {
        string? cause = FindCause(tick); // also while paused: each guard looks at what happened since it was last asked
        if (_pauses.Current.Length > 0)
        {
            metrics.TickWithheld();
            return true;
        }

        if (cause is null)
        {
            if (_inRow > 0)
            {
                Log.StallOver(logger, Math.Min(_inRow, maxWithheldInRow), _cause);
            }

            _inRow = 0;
            return false;
        }

        _inRow++;
        _cause = cause;
        if (_inRow > maxWithheldInRow)
        {
            if (_inRow == maxWithheldInRow + 1)
            {
                Log.AmnestySpent(logger, maxWithheldInRow, cause);
            }

            return false;
        }

        metrics.TickWithheld();
        return true;
    }

    private string? FindCause(Tick tick)
    {
        TimeSpan gcPauses = GC.GetTotalPauseDuration();
        TimeSpan gcPause = gcPauses - _gcPauses;
        _gcPauses = gcPauses;
        bool isStarved = _threadPool.IsStarved();
        bool isLost = false;
        foreach (Func<bool> guard in _guards.Current)
        {
            isLost |= Asks(guard);
        }

        if (tick.IsLate)
        {
            string likely = gcPause > tick.Delay / 2 ? "a garbage collection" : isStarved ? "a starved thread pool" : "a stopped process or machine, or a starved CPU";
            return $"tick {tick.Delay} late, likely for {likely}";
        }

        return isStarved ? "work waits in the thread pool for longer than a tick" : isLost ? "heartbeats lost or delayed on this server" : null;
    }

    private bool Asks(Func<bool> guard)
    {
        try
        {
            return guard();
        }
        catch (Exception exception)
        {
            Log.TickGuardFailed(logger, exception);
            return false;
        }
    }
}
