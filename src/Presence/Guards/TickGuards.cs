using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>
/// Withholds ticks on which heartbeats may be lost or waiting on this server, which is no client's fault; as far as the amnesty lasts, so that
/// a server which is always in trouble, or is made to think so, still expires the dead.
/// </summary>
/// <remarks>Thread safety: guards may be added at any time; ticks come one at a time.</remarks>
internal sealed class TickGuards(Amnesty amnesty, ExpiryPauses pauses, ILogger logger, PresenceMetrics metrics)
{
    private readonly Registrations<Func<bool>> _guards = new();
    private TimeSpan _gcPauses = GC.GetTotalPauseDuration();
    private string? _cause; // of the trouble that the last tick was in, if it was
    private int _withheld; // in this trouble
    private bool _isSpent; // and said so

    public IDisposable Add(Func<bool> guard) => _guards.Add(guard);

    /// <summary>Finds a reason to withhold a tick, once a tick, also while paused: each guard looks at what happened since it was last asked.</summary>
    /// <remarks>Guards are the host's code, so no lock is held.</remarks>
    public string? FindCause(Tick tick)
    {
        TimeSpan gcPauses = GC.GetTotalPauseDuration();
        TimeSpan gcPause = gcPauses - _gcPauses;
        _gcPauses = gcPauses;
        bool isLost = false;
        foreach (Func<bool> guard in _guards.Current)
        {
            isLost |= Asks(guard);
        }

        if (tick.IsLate)
        {
            string likely = gcPause > tick.Delay / 2 ? "a garbage collection" : tick.IsPoolStarved ? "a starved thread pool" : "a stopped process or machine, or a starved CPU";
            return $"tick {tick.Delay} late, likely for {likely}";
        }

        return tick.IsPoolStarved ? "work waits in the thread pool for longer than a tick" : isLost ? "heartbeats lost or delayed on this server" : null;
    }

    /// <summary>Says whether a tick counts against nobody. Asked once a tick.</summary>
    /// <param name="cause">What <see cref="FindCause"/> found.</param>
    public bool Withholds(string? cause)
    {
        if (pauses.Any)
        {
            metrics.TickWithheld();
            return true;
        }

        if (cause is null)
        {
            EndTrouble();
            return false;
        }

        _cause = cause;
        if (amnesty.TryDraw())
        {
            _withheld++;
            _isSpent = false;
            metrics.TickWithheld();
            return true;
        }

        if (!_isSpent)
        {
            Log.AmnestySpent(logger, amnesty.Capacity, cause);
        }

        _isSpent = true;
        return false;
    }

    /// <summary>Takes note that a tick was not withheld, and of whether it kept anybody who was due.</summary>
    public void OnJudged(bool heldAnybody)
    {
        if (_cause is null && !heldAnybody)
        {
            amnesty.OnJudged();
        }
    }

    private void EndTrouble()
    {
        if (_withheld > 0)
        {
            Log.StallOver(logger, _withheld, _cause!);
        }

        (_cause, _withheld) = (null, 0);
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
