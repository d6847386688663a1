using System.Diagnostics;

namespace Presence.Tests.Races;

/// <summary>A client that beats before every tick, each time with success, is never expired, whatever else beats and joins for it meanwhile.</summary>
[TestFixture]
public sealed class HeartbeatRaceTests
{
    private static readonly TimeSpan Duration = TestScale.Of(1, 15) * TimeSpan.FromSeconds(1);

    /// <summary>A heartbeat that read the clock and was held up must not take back what a later one wrote.</summary>
    [Test]
    public void Heartbeat_WhileOthersBeatForTheSameSession_NeverLowersItsDeadline([Values] HeartbeatRule rule, [Values(1, 5, 1_000)] int limit) => Run(
        rule, limit, (tracker, session) => tracker.Heartbeat(session), (tracker, session) => tracker.Heartbeat(session));

    [Test]
    public void Heartbeat_WhileTheClientJoinsAgainAndAgain_IsNeverLost([Values] HeartbeatRule rule, [Values(1, 5, 100)] int limit) => Run(
        rule, limit, (tracker, _) => tracker.Heartbeat("zhangsan"), (tracker, _) => tracker.Join("zhangsan"));

    private static void Run(HeartbeatRule rule, int limit, Func<PresenceTracker, SessionId, bool> beat, Action<PresenceTracker, SessionId> disturb)
    {
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule, ExpireAfter = limit, MaxHeldTicks = 0 }, ticks);
        SessionId session = tracker.Join("zhangsan").Session;
        bool isDone = false;
        Thread[] others = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                disturb(tracker, session);
            }
        }))];
        Array.ForEach(others, thread => thread.Start());
        long started = Stopwatch.GetTimestamp();
        int rounds = 0;
        int refused = 0;
        while (Stopwatch.GetElapsedTime(started) < Duration)
        {
            refused += beat(tracker, session) ? 0 : 1;
            ticks.Advance();
            rounds++;
        }

        Volatile.Write(ref isDone, true);
        Array.ForEach(others, thread => thread.Join());
        TestContext.Out.WriteLine($"{rounds} ticks");
        Assert.That(refused, Is.Zero);
    }
}
