using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Testing;
using Moq;

namespace Presence.Tests.Ticks;

/// <summary>Clocks and tick sources of the host's that throw cost nobody an end, and nobody's callback.</summary>
[TestFixture]
public sealed class HostileHostTests
{
    private FakeLogger<PresenceTracker> _log = null!;

    [SetUp]
    public void SetUp() => _log = new FakeLogger<PresenceTracker>();

    [Test]
    public async Task Clock_ThatThrowsWhileCallbacksBegin_LosesNoChange()
    {
        var clock = new ThrowingClock();
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions(), ticks, clock, _log);
        var told = new ConcurrentQueue<PresenceChanges>();
        using IDisposable registration = tracker.OnChange(PresenceChanges.All, change =>
        {
            told.Enqueue(change.Kind);
            return default;
        });

        clock.Throws = true;
        tracker.Join("zhangsan");
        await tracker.WhenCallbacksDoneAsync().WaitAsync(TimeSpan.FromSeconds(10));
        ticks.Advance(3);
        clock.Throws = false;
        ticks.Advance(3);
        await tracker.WhenCallbacksDoneAsync().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.That(told, Is.EqualTo([PresenceChanges.Joined, PresenceChanges.Suspected, PresenceChanges.Expired]));
        Assert.That(_log.Collector.GetSnapshot().Count(record => record.Id.Id == 13), Is.EqualTo(1));
    }

    [Test]
    public void Clock_ThatNeverWorks_IsToldAtOnce() =>
        Assert.That(() => new PresenceTracker(timeProvider: new ThrowingClock { Throws = true }), Throws.InstanceOf<NotSupportedException>());

    [Test]
    public async Task TickSource_WhoseSubscriptionThrows_LetsTheTrackerEnd()
    {
        var subscription = new Mock<IDisposable>();
        subscription.Setup(subscription => subscription.Dispose()).Throws<NotSupportedException>();
        var source = new Mock<ITickSource>();
        source.Setup(source => source.Subscribe(It.IsAny<Action<Tick>>())).Returns(subscription.Object);
        var tracker = new PresenceTracker(tickSource: source.Object, logger: _log);
        tracker.Join("zhangsan");
        IChangeReader changes = tracker.ReadChanges(PresenceChanges.Ended);

        await tracker.DisposeAsync();
        await tracker.DisposeAsync();

        Assert.That(changes.TryRead(out PresenceChange change) ? change.Kind : default, Is.EqualTo(PresenceChanges.Shutdown));
        Assert.That(() => tracker.Join("lisi"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(_log.Collector.GetSnapshot().Select(record => record.Id.Id), Has.One.EqualTo(12));
    }

    [Test]
    public void TickSource_ThatGivesNoSubscription_IsRefused()
    {
        var source = new Mock<ITickSource>();
        source.Setup(source => source.Subscribe(It.IsAny<Action<Tick>>())).Returns((IDisposable)null!);

        Assert.That(() => new PresenceTracker(tickSource: source.Object), Throws.InvalidOperationException.With.Message.Contains("Subscribe returned null"));
    }

    private sealed class ThrowingClock : TimeProvider
    {
        public bool Throws { get; set; }

        public override long GetTimestamp() => Throws ? throw new NotSupportedException() : base.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => Throws ? throw new NotSupportedException() : base.GetUtcNow();
    }
}
