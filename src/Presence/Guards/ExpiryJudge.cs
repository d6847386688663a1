using Presence.Engine;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>Carries out a tick: moves the clock, and decides who of those that are due is expired now.</summary>
/// <remarks>
/// Usually all are, and at one moment: the clock's. While expiries are held, rationed or confirmed the moment is each session's own, and until then a
/// heartbeat rescues it. Thread safety: none; ticks come one at a time.
/// </remarks>
internal sealed class ExpiryJudge(
    SessionTable table,
    ClientSessions sessions,
    MassExpiryGuard massExpiry,
    ExpiryConfirmations? confirmations,
    int? maxExpirationsPerTick,
    PresenceMetrics metrics)
{
    private readonly Sweeper _sweeper = new(table);
    private readonly int _maxPerTick = maxExpirationsPerTick ?? int.MaxValue;

    /// <param name="heldAnybody">Whether someone due was kept because too many fell silent at once.</param>
    /// <returns>How many sessions the tick itself expired.</returns>
    public int Tick(out bool heldAnybody)
    {
        (int due, int silent) = _sweeper.Look();
        bool holds = heldAnybody = massExpiry.Holds(table.Now + 1, due, silent, table.Online);
        table.Advance(judge: !holds && due <= _maxPerTick && confirmations is null);

        SweepFindings findings = _sweeper.Judge(holds ? 0 : _maxPerTick, closes: confirmations is null);
        Carry(findings);
        massExpiry.OnExpired(findings.Closed.Count);
        return findings.Closed.Count;
    }

    private void Carry(SweepFindings findings)
    {
        if (findings.Closed.Count > 0)
        {
            sessions.FinishLater(findings.Closed);
        }

        foreach ((SessionId session, long word) in findings.LeftDue)
        {
            confirmations?.Ask(session, word);
        }

        if (findings.Suspected.Count > 0)
        {
            metrics.Suspected(findings.Suspected.Count);
            sessions.TellSuspicionsLater(findings.Suspected);
        }

        if (findings.Recovered.Count > 0)
        {
            metrics.Recovered(findings.Recovered.Count);
            sessions.TellSuspicionsLater(findings.Recovered);
        }
    }
}
