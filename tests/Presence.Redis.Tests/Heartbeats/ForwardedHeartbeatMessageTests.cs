using Microsoft.Extensions.Time.Testing;
using Presence.Redis.Heartbeats;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Tests.Heartbeats;

public sealed class ForwardedHeartbeatMessageTests
{
    private const long StoreTime = 1_700_000_000_000_000;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    /// <summary>What is held up on its way says nothing about whether its client lives now: a store that stands still would keep the dead.</summary>
    [TestCase(0, 0)]
    [TestCase(4.9, 0)]
    [TestCase(5.1, 3)]
    [TestCase(3600, 3)]
    public void Take_MessageOfSomeAge_CountsUnlessItIsTooOld(double age, int count)
    {
        var time = new FakeTimeProvider();
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(tickSource: ticks, timeProvider: time);
        using var metrics = new RedisPresenceMetrics(null, () => 0, () => 0);
        var clock = new StoreClock(time);
        clock.Observe(StoreTime, time.GetTimestamp());
        string[] ids = ["ann", "bob \ud83d", "c:1 2"];
        Array.ForEach(ids, id => tracker.Join(id));
        byte[] message = ForwardedHeartbeats.Write(StoreTime, ids);
        ticks.Advance(3);
        time.Advance(TimeSpan.FromSeconds(age));

        var reader = new MessageReader(message);
        Assert.That(reader.ReadLetter(), Is.EqualTo(ForwardedHeartbeats.Letter));
        new ForwardedHeartbeats(tracker, clock, MaxAge, time, metrics).Take(ref reader);

        Assert.That(tracker.Snapshot().Select(client => client.Count), Is.EqualTo([count, count, count]));
    }

    [Test]
    public void Take_MessageThatIsCutOff_IsNoneOfOurs()
    {
        var time = new FakeTimeProvider();
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        using var metrics = new RedisPresenceMetrics(null, () => 0, () => 0);
        var clock = new StoreClock(time);
        clock.Observe(StoreTime, time.GetTimestamp());
        byte[] message = ForwardedHeartbeats.Write(StoreTime, ["ann"]);

        Assert.That(
            () =>
            {
                var reader = new MessageReader(message.AsSpan(1, message.Length - 2));
                new ForwardedHeartbeats(tracker, clock, MaxAge, time, metrics).Take(ref reader);
            },
            Throws.InstanceOf<FormatException>());
    }
}
