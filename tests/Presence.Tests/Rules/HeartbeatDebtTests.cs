namespace Presence.Tests.Rules;

/// <summary>Why <see cref="HeartbeatRule.Reset"/> is the default: what lost heartbeats cost a healthy client, simulated.</summary>
[TestFixture]
public sealed class HeartbeatDebtTests
{
    private const int Limit = 5;
    private const int Clients = 400;

    /// <summary>A lost beat is a debt for good, so the limit's worth of losses ends a client: 6 of them where the beat comes first in
    /// each second, 5 where the tick does.</summary>
    [TestCase(0.01, true, 6)]
    [TestCase(0.01, false, 5)]
    [TestCase(0.05, true, 6)]
    [TestCase(0.05, false, 5)]
    [TestCase(0.10, true, 6)]
    [TestCase(0.10, false, 5)]
    public void Decrement_WhenHeartbeatsAreLost_ExpiresHealthyClientsAfterThatManyLosses(double loss, bool beatFirst, int losses)
    {
        double meanTicks = MeanTicksToFalseExpiry(HeartbeatRule.Decrement, loss, beatFirst, int.MaxValue).Mean;

        TestContext.Out.WriteLine($"loss {loss:P0}, {(beatFirst ? "beat" : "tick")} first: expired after {meanTicks:F0} ticks on average");
        Assert.That(meanTicks, Is.EqualTo(losses / loss).Within(15).Percent);
    }

    [TestCase(0.01)]
    [TestCase(0.05)]
    [TestCase(0.10)]
    public void Reset_WhenHeartbeatsAreLost_ExpiresNobodyInTheTimeInWhichDecrementExpiresAll(double loss)
    {
        int expired = MeanTicksToFalseExpiry(HeartbeatRule.Reset, loss, beatFirst: true, (int)(6 / loss)).Expired;

        Assert.That(expired, Is.Zero);
    }

    [Test]
    public void Decrement_WhenTheClientsClockIsAThousandthSlow_ExpiresItWithNoLossAtAll()
    {
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = HeartbeatRule.Decrement }, ticks);
        tracker.Join("slow");

        int seconds = 0;
        for (int beats = 0; tracker.OnlineCount == 1; seconds++)
        {
            ticks.Advance();
            if ((beats + 1) * 1.001 <= seconds + 1)
            {
                beats++;
                tracker.Heartbeat("slow");
            }
        }

        TestContext.Out.WriteLine($"expired after {seconds / 60} minutes");
        Assert.That(seconds, Is.InRange(4_000, 6_000));
    }

    private static (double Mean, int Expired) MeanTicksToFalseExpiry(HeartbeatRule rule, double loss, bool beatFirst, int maxTicks)
    {
        var random = new Random(20261123);
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule, ExpireAfter = Limit, MassExpiryShare = 1 }, ticks);
        List<SessionId> online = [.. Enumerable.Range(0, Clients).Select(client => tracker.Join($"client {client}").Session)];
        long total = 0;
        for (int tick = 1; online.Count > 0 && tick <= maxTicks; tick++)
        {
            if (!beatFirst)
            {
                ticks.Advance();
            }

            foreach (SessionId session in online)
            {
                if (random.NextDouble() >= loss)
                {
                    tracker.Heartbeat(session);
                }
            }

            if (beatFirst)
            {
                ticks.Advance();
            }

            int before = online.Count;
            HashSet<SessionId> left = [.. tracker.Snapshot().Select(status => status.Session)];
            online.RemoveAll(session => !left.Contains(session));
            total += (long)tick * (before - online.Count);
        }

        int expired = Clients - online.Count;
        return (expired == 0 ? double.NaN : (double)total / expired, expired);
    }
}
