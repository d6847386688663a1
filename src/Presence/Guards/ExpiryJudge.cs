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

    /// <returns>How many sessions the tick itself expired.</returns>
    public int Tick()
    {
        (int due, int silent) = _sweeper.Look();
        bool holds = massExpiry.Holds(table.Now + 1, due, silent, table.Online);
        table.Advance(judge: !holds && due <= _maxPerTick && confirmations is null);

        int ration = holds ? 0 : _maxPerTick;
        int expired = 0;
        foreach (int chunk in _sweeper.Found)
        {
            SweepFindings findings = _sweeper.Judge(chunk, confirmations is null ? ration : 0);
            ration -= findings.Closed.Count;
            expired += findings.Closed.Count;
            Carry(findings);
            if (confirmations is not null)
            {
                foreach ((SessionId session, long word) in findings.LeftDue.Take(ration))
                {
                    confirmations.Ask(session, word);
                }

                ration -= Math.Min(ration, findings.LeftDue.Count);
            }
        }

        massExpiry.OnExpired(expired);
        return expired;
    }

    private void Carry(SweepFindings findings)
    {
        if (findings.Closed.Count > 0)
        {
            sessions.FinishLater(findings.Closed);
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
