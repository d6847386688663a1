using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>
/// Holds expiries back when so many clients fall silent at once that the cause is likelier here than there; for a bounded time, and then never mind how many.
/// </summary>
/// <remarks>
/// <para>Who is already suspect when the first is due counts too: all who fell silent together are due within a limit's time, and waiting until that many
/// are would lose half of them. The idea is Eureka's self-preservation; unlike that, this ends by itself.</para>
/// <para>Thread safety: <see cref="OnExpired"/> may come from anywhere; the rest is for ticks, which come one at a time.</para>
/// </remarks>
internal sealed class MassExpiryGuard(double share, int maxHeldTicks, int limit, ILogger logger, PresenceMetrics metrics)
{
    public const int Minimum = 10;

    /// <summary>Expiries of the last <c>limit</c> ticks, by tick.</summary>
    private readonly Queue<(long Tick, int Count)> _recent = new();

    private int _expiredSinceTick;
    private int _recentTotal;
    private int _heldTicks;
    private bool _isSpent;

    private bool IsHolding => _heldTicks > 0;

    public void OnExpired(int count) => Interlocked.Add(ref _expiredSinceTick, count);

    /// <summary>Says whether a tick expires nobody. Asked once a tick.</summary>
    /// <param name="tick">The tick.</param>
    /// <param name="due">How many are due.</param>
    /// <param name="silent">How many are due or suspect.</param>
    /// <param name="online">How many are online, those included.</param>
    public bool Holds(long tick, int due, int silent, long online)
    {
        Age(tick);
        int expiring = silent + _recentTotal;
        bool isMass = expiring >= Minimum && expiring > share * (online + _recentTotal);
        _isSpent &= isMass; // after a hold, the guard is set again once that is over
        if (!isMass || due == 0)
        {
            if (IsHolding)
            {
                Log.MassExpiryOver(logger, _heldTicks, due);
            }

            _heldTicks = 0;
            return false;
        }

        if (_isSpent || maxHeldTicks == 0)
        {
            return false;
        }

        if (_heldTicks == maxHeldTicks)
        {
            Log.MassExpirySpent(logger, _heldTicks, due);
            _heldTicks = 0;
            _isSpent = true;
            return false;
        }

        if (!IsHolding)
        {
            Log.MassExpiryHeld(logger, silent, online, maxHeldTicks);
        }

        _heldTicks++;
        metrics.ExpiriesHeld();
        return true;
    }

    private void Age(long tick)
    {
        int expired = Interlocked.Exchange(ref _expiredSinceTick, 0);
        if (expired > 0)
        {
            _recent.Enqueue((tick - 1, expired));
            _recentTotal += expired;
        }

        while (_recent.TryPeek(out (long Tick, int Count) oldest) && oldest.Tick < tick - limit)
        {
            _recentTotal -= _recent.Dequeue().Count;
        }
    }
}
