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
}
