using Microsoft.Extensions.Logging;
using Presence.Engine;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>
/// Holds expiries back when so many clients fall silent at once that the cause is likelier here than there; each for a bounded time, and then never mind how many.
/// </summary>
/// <remarks>
/// <para>Who is already silent for half of its limit when the first is due counts too: all who fell silent together are due within a limit's time, and waiting until that many
/// are would lose half of them. The idea is Eureka's self-preservation; unlike that, this ends by itself.</para>
/// <para>Thread safety: <see cref="OnExpired"/> may come from anywhere; the rest is for ticks, which come one at a time.</para>
/// </remarks>
internal sealed class MassExpiryGuard(PresenceOptions options, ILogger logger, PresenceMetrics metrics)
{
    private readonly double _share = options.MassExpiryShare;
    private readonly int _minimum = options.MassExpiryMinimum;
    private readonly int? _maxHeldTicks = options.MaxHeldTicks;
    private readonly int _expireAfter = options.ExpireAfter;
    private readonly RecentExpiries _recent = new();
    private int _heldTicks; // of the hold that goes on
    private int _spentLimit;

    public void OnExpired(int limit, int count) => _recent.Add(limit, count);

    /// <summary>Says whom a tick keeps. Asked once a tick.</summary>
    /// <param name="tick">The tick.</param>
    /// <param name="found">How many are due, and how many due or silent for half of their limit.</param>
    /// <param name="online">How many are online, those included.</param>
    public ExpiryHold Weigh(long tick, (int Due, int Silent) found, long online)
    {
        int recent = _recent.CountAt(tick);
        int gone = found.Silent + recent;
        bool isMass = gone >= _minimum && gone > _share * (online + recent);
        _spentLimit = isMass ? _spentLimit : 0; // after a hold, the guard is set again once that is over
        return new ExpiryHold { IsOn = isMass && found.Due > 0 && _maxHeldTicks != 0, MaxTicks = _maxHeldTicks, SpentLimit = _spentLimit };
    }

    /// <summary>Takes note of what a tick did on those terms, and says so.</summary>
    public void OnJudged(in ExpiryHold hold, (int Due, int Silent) found, long online, SweepFindings findings)
    {
        foreach ((int limit, int count) in findings.ClosedByLimit)
        {
            OnExpired(limit, count);
        }

        if (findings.ReleasedLimit > _spentLimit && _heldTicks > 0 && _heldTicks >= hold.TicksFor(findings.ReleasedLimit))
        {
            _spentLimit = findings.ReleasedLimit;
            Log.MassExpirySpent(logger, _heldTicks, found.Due);
        }

        if (findings.Held > 0)
        {
            if (_heldTicks++ == 0)
            {
                Log.MassExpiryHeld(logger, found.Silent, online, hold.TicksFor(_expireAfter));
            }

            metrics.ExpiriesHeld();
        }
        else if (_heldTicks > 0)
        {
            if (_spentLimit == 0)
            {
                Log.MassExpiryOver(logger, _heldTicks, found.Due);
            }

            _heldTicks = 0;
        }
    }
}
