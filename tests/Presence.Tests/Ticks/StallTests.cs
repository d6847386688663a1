using Microsoft.Extensions.Time.Testing;

namespace Presence.Tests.Ticks;

/// <summary>A stall on the real tick source, with a clock that jumps.</summary>
[TestFixture]
public sealed class StallTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public void Clock_ThatJumps30Seconds_ExpiresOnlyTheReallyDeadAndCountsTheirLimitFromThere()
    {
        var time = new FakeTimeProvider();
        using var tracker = new PresenceTracker(timeProvider: time);
        string[] healthy = [.. Enumerable.Range(0, 100).Select(client => $"healthy {client}")];
        Array.ForEach(healthy, clientId => tracker.Join(clientId));
        tracker.Join("dead");

        time.Advance(TimeSpan.FromSeconds(30)); // one late tick is pushed: the server stood still
        Assert.That(tracker.OnlineCount, Is.EqualTo(101));

        int seconds = 0;
        while (tracker.OnlineCount > 100)
        {
            Array.ForEach(healthy, clientId => tracker.Heartbeat(clientId));
            time.Advance(Second);
            seconds++;
        }

        Assert.That(seconds, Is.EqualTo(6), "the dead one has its limit from the stall on");
        Assert.That(tracker.TryGetClient("dead", out _), Is.False);
    }

    [Test]
    public void Freeze_OfAnyLengthAtAnyMoment_ExpiresNobodyAtALimitOf2() => AssertFreezesExpireNobody(limit: 2, Enumerable.Range(1, 45));

    /// <summary>Nothing is known of a freeze that makes no tick late by a quarter of an interval; such a limit has no room for it.</summary>
    [Test]
    public void Freeze_JustUnderTwoIntervalsOrMore_ExpiresNobodyAtALimitOf1() => AssertFreezesExpireNobody(limit: 1, Enumerable.Range(13, 32));

    private static void AssertFreezesExpireNobody(int limit, IEnumerable<int> tenths)
    {
        foreach (int length in tenths)
        {
            for (int start = 0; start < 10; start++)
            {
                Assert.That(OnlineAfterFreeze(limit, start, length), Is.EqualTo(10), $"frozen {start}00 ms after a tick for {length}00 ms");
            }
        }
    }

    /// <summary>Ten clients, each with a phase of its own in the second, and heartbeats that are read only when the server goes on.</summary>
    private static int OnlineAfterFreeze(int limit, int start, int length)
    {
        var time = new FakeTimeProvider();
        using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = limit, MassExpiryShare = 1 }, timeProvider: time);
        for (int client = 0; client < 10; client++)
        {
            tracker.Join($"client {client}");
        }

        int now = 0; // in twentieths of a second: clients send between ticks, never at one
        Run(until: 60 + (2 * start) + 1);
        int from = now;
        now += 2 * length;
        time.Advance(Second * (2 * length) / 20);
        for (int missed = from + 1; missed <= now; missed++)
        {
            Beat(missed);
        }

        Run(until: now + 100);
        return tracker.OnlineCount;

        void Run(int until)
        {
            while (now < until)
            {
                now++;
                time.Advance(Second / 20);
                Beat(now);
            }
        }

        void Beat(int at)
        {
            if (at % 2 == 1)
            {
                tracker.Heartbeat($"client {at % 20 / 2}");
            }
        }
    }
}
