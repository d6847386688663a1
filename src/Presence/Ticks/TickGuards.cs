using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Ticks;

/// <summary>
/// Withholds ticks on which heartbeats may be lost or waiting on this server, which is no client's fault; only so many in a row, so that
/// a server which is always late still expires the dead.
/// </summary>
/// <remarks>Thread safety: guards may be added at any time; ticks come one at a time.</remarks>
internal sealed class TickGuards(int maxWithheldInRow, ILogger logger, PresenceMetrics metrics)
{
    private readonly Registrations<Func<bool>> _guards = new();
    private int _inRow;

    public IDisposable Add(Func<bool> guard) => _guards.Add(guard);

    public bool Withholds(Tick tick)
    {
        string? cause = tick.IsLate ? $"stood still for {tick.Delay}" : null;
        foreach (Func<bool> guard in _guards.Current) // ask them all: each looks at what happened since it was last asked
        {
            cause = Asks(guard) ? cause ?? "lost or delayed heartbeats" : cause;
        }

        if (cause is null)
        {
            _inRow = 0;
            return false;
        }

        _inRow++;
        if (_inRow > maxWithheldInRow)
        {
            if (_inRow == maxWithheldInRow + 1)
            {
                Log.AmnestySpent(logger, maxWithheldInRow, cause);
            }

            return false;
        }

        metrics.TickWithheld();
        if (_inRow == 1)
        {
            Log.TickWithheld(logger, cause);
        }

        return true;
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
