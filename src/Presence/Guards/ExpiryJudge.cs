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
    PresenceOptions options,
    ExpiryPauses pauses,
    MassExpiryGuard massExpiry,
    ExpiryConfirmations? confirmations,
    PresenceMetrics metrics)
{
    private readonly Sweeper _sweeper = new(table, options.ExpireAfter);
    private readonly int? _maxPerTick = options.MaxExpirationsPerTick;
    private readonly Func<SessionId, bool>? _isAsked = confirmations is null ? null : confirmations.IsAsked;

    /// <returns>What the tick found; null if expiry is paused, and nobody was judged.</returns>
    public SweepFindings? Tick()
    {
        if (!pauses.TryEnter())
        {
            return null;
        }

        long online = table.Online;
        (int Due, int Silent) found;
        ExpiryHold hold;
        SweepFindings findings;
        try
        {
            found = _sweeper.Look();
            hold = massExpiry.Weigh(table.Now + 1, found, online);
            bool atOnce = !hold.IsOn && _isAsked is null && (_maxPerTick is not { } max || found.Due <= max);
            table.Advance(judge: atOnce);
            findings = _sweeper.Judge(new ExpiryTerms { Hold = hold, MaxSeenTo = atOnce ? null : _maxPerTick, IsAsked = _isAsked });
        }
        finally
        {
            pauses.Exit();
        }

        Carry(findings);
        massExpiry.OnJudged(hold, found, online, findings);
        return findings;
    }

    private void Carry(SweepFindings findings)
    {
        if (findings.Closed.Count > 0)
        {
            sessions.FinishLater(findings.Closed);
        }

        foreach (DueSession due in findings.ToAsk)
        {
            confirmations!.Ask(due);
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
