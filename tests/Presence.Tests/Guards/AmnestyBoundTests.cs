using CsCheck;

namespace Presence.Tests.Guards;

/// <summary>
/// However stalls, lost heartbeats and the silence of others are spaced, a dead client ends within a bound that is linear in its limit: the adversary
/// says at each tick what every guard says, and who else joins and falls silent.
/// </summary>
[TestFixture]
public sealed class AmnestyBoundTests
{
    private const int MaxLimit = 100;

    private static readonly int Sequences = TestScale.Of(2_000, 40_000);

    /// <summary>Probabilities in percent: extremes are as likely as what lies between.</summary>
    private static readonly Gen<int> GenPercent = Gen.Int[0, 5].Select(index => new[] { 0, 10, 50, 80, 95, 100 }[index]);

    private static readonly Gen<Adversary> GenAdversary = Gen.Select(
        GenPercent, GenPercent, GenPercent, GenPercent, Gen.Int[0, 30], Gen.Int[1, 40], Gen.Enum<HeartbeatRule>(), Gen.Int,
        (late, lost, join, beat, strangers, ticksBefore, rule, seed) => new Adversary(late, lost, join, beat, strangers, ticksBefore, rule, seed));

    [Test]
    public void DeadClient_WhateverStallsAndLossesClaim_EndsWithinTwiceItsLimitAndTwo() =>
        Gen.Select(Gen.Int[1, MaxLimit], GenAdversary).Sample(
            (limit, adversary) => AssertEndsWithin((2 * limit) + 2, limit, limit, adversary with { Strangers = 0 }), iter: Sequences);

    [Test]
    public void DeadClient_OfALimitOfItsOwn_EndsWithinItsLimitTheAmnestyAndWhatItsOwnTicksGiveBack() =>
        Gen.Select(Gen.Int[1, MaxLimit], Gen.Int[1, MaxLimit], GenAdversary).Sample(
            (limit, own, adversary) => AssertEndsWithin(own + 1 + adversary.Ahead + Math.Max(limit, own), limit, own, adversary with { Strangers = 0 }), iter: Sequences);

    [Test]
    public void DeadClient_HeldByTheMassGuardTooForTheSilenceOfOthers_EndsWithinFourTimesItsLimitAndTwo() =>
        Gen.Select(Gen.Int[1, MaxLimit], GenAdversary).Sample(
            (limit, adversary) => AssertEndsWithin((4 * limit) + 2, limit, limit, adversary), iter: Sequences);

    [Test]
    public void DeadClient_OfALimitOfItsOwnHeldByTheMassGuardToo_EndsWithinTwiceItsLimitMore() =>
        Gen.Select(Gen.Int[1, MaxLimit], Gen.Int[1, MaxLimit], GenAdversary).Sample(
            (limit, own, adversary) => AssertEndsWithin(own + 1 + adversary.Ahead + Math.Max(limit, own) + (2 * own), limit, own, adversary), iter: Sequences);

    [Test]
    public void DeadClient_UnderPulsesOfLoss_EndsWithinTheBound([Values(1, 2, 5, 20)] int limit, [Values] HeartbeatRule rule)
    {
        for (int on = 1; on <= 2 * limit; on++)
        {
            for (int off = 1; off <= 2 * limit; off++)
            {
                Assert.That(TicksToTheEnd(limit, rule, tick => tick % (on + off) < on), Is.LessThanOrEqualTo((2 * limit) + 2), $"{on} on, {off} off");
            }
        }
    }

    private static int TicksToTheEnd(int limit, HeartbeatRule rule, Func<int, bool> isLost)
    {
        int ticks = 0;
        var source = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = limit, Rule = rule }, source);
        using IDisposable guard = tracker.AddTickGuard(() => isLost(ticks));
        tracker.Heartbeat(tracker.Join("dead").Session);
        for (; tracker.OnlineCount > 0; ticks++)
        {
            source.Advance();
        }

        return ticks;
    }

    private static void AssertEndsWithin(int bound, int limit, int own, Adversary adversary)
    {
        var random = new Random(adversary.Seed);
        var source = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = limit, Rule = adversary.Rule }, source);
        using IDisposable guard = tracker.AddTickGuard(() => Happens(adversary.Lost));
        tracker.Join("dead", new JoinOptions { ExpireAfter = own });
        for (int tick = 0; tick < adversary.TicksBefore; tick++)
        {
            Advance();
            tracker.Heartbeat("dead"); // whatever it finds of the amnesty when it dies
        }

        SessionId dead = tracker.Join("dead", new JoinOptions { ExpireAfter = own }).Session;
        for (int heartbeat = random.Next(3); heartbeat > 0; heartbeat--)
        {
            tracker.Heartbeat(dead);
        }

        int ticks = 0;
        for (; tracker.TryGetClient("dead", out _); ticks++)
        {
            if (ticks == bound)
            {
                Assert.Fail($"online after {ticks} ticks at a limit of {own}, default {limit}, against {adversary}");
            }

            Advance();
        }

        void Advance()
        {
            for (int stranger = 0; stranger < adversary.Strangers; stranger++)
            {
                if (Happens(adversary.Join))
                {
                    tracker.TryJoin($"stranger {stranger}", new JoinOptions { ExpireAfter = random.Next(1, MaxLimit) }, out _);
                }

                if (Happens(adversary.Beat))
                {
                    tracker.Heartbeat($"stranger {stranger}");
                }
            }

            if (Happens(adversary.Late))
            {
                source.AdvanceLate(TimeSpan.FromSeconds(1));
            }
            else
            {
                source.Advance();
            }
        }

        bool Happens(int percent) => random.Next(100) < percent;
    }

    public sealed record Adversary(int Late, int Lost, int Join, int Beat, int Strangers, int TicksBefore, HeartbeatRule Rule, int Seed)
    {
        /// <summary>By how many ticks a heartbeat may be ahead of those counted.</summary>
        public int Ahead => Rule == HeartbeatRule.Decrement ? 1 : 0;
    }
}
