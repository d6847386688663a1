namespace Presence.Tests.Ticks;

[TestFixture]
public sealed class LoopTickSourceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(20);

    private LoopTickSource _source = null!;
    private List<Tick> _ticks = null!;

    [SetUp]
    public void SetUp()
    {
        _source = new LoopTickSource(Second);
        _ticks = [];
    }

    [Test]
    public void Update_ByTheLongestTimeThereIs_IsAStallLikeAnyOther()
    {
        using IDisposable subscription = _source.Subscribe(_ticks.Add);

        _source.Update(TimeSpan.MaxValue);
        _source.Update(TimeSpan.MaxValue);
        _source.Update(Second / 2);
        _source.Update(Second / 2);

        Assert.That(_ticks.Select(tick => tick.IsLate), Is.EqualTo([true, true, false]));
    }

    [Test]
    public void Update_ByFrames_TicksOncePerIntervalAndNotBefore()
    {
        using IDisposable subscription = _source.Subscribe(_ticks.Add);

        Frames(49);
        int before = _ticks.Count;
        Frames(1);
        int at = _ticks.Count;
        Frames(500);

        Assert.That((before, at, _ticks.Count), Is.EqualTo((0, 1, 11)));
        Assert.That(_ticks, Is.All.EqualTo(default(Tick)));
    }

    [Test]
    public void Update_ByFramesThatDontDivideTheInterval_DoesNotDrift()
    {
        using IDisposable subscription = _source.Subscribe(_ticks.Add);

        for (int frame = 0; frame < 100; frame++)
        {
            _source.Update(TimeSpan.FromSeconds(0.7));
        }

        Assert.That(_ticks, Has.Count.EqualTo(70));
        Assert.That(_ticks.Any(tick => tick.IsLate), Is.False);
    }

    [TestCase(0.999, false)]
    [TestCase(1.0, true)]
    [TestCase(1.999, true)]
    [TestCase(9.0, true)]
    public void Update_ByALongFrame_PushesOneTickThatSaysWhetherTheLoopStalled(double seconds, bool isLate)
    {
        using IDisposable subscription = _source.Subscribe(_ticks.Add);
        _source.Update(TimeSpan.FromSeconds(0.5));

        _source.Update(TimeSpan.FromSeconds(seconds));

        Assert.That(_ticks, Is.EqualTo(new[] { new Tick { Delay = TimeSpan.FromSeconds(seconds - 0.5), IsLate = isLate } }));
    }

    [Test]
    public void Update_AfterALongFrame_WaitsAFullIntervalForTheNextTick()
    {
        using IDisposable subscription = _source.Subscribe(_ticks.Add);

        _source.Update(TimeSpan.FromSeconds(1.9));
        Frames(49);
        int before = _ticks.Count;
        Frames(1);

        Assert.That((before, _ticks.Count), Is.EqualTo((1, 2)));
    }

    [Test]
    public void Update_ByAFrameOfJustUnderTwoIntervals_ExpiresNobodyAtALimitOf1()
    {
        using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 1 }, _source);
        tracker.Join("a");
        Frames(50);

        _source.Update(TimeSpan.FromSeconds(1.99)); // two of its heartbeats lie unread
        Assert.That(tracker.Heartbeat("a"), Is.True);
    }

    [Test]
    public void Update_AfterALoopStalled8Seconds_ExpiresNobodyWhoIsAliveAndThenWhoIsDead()
    {
        using var tracker = new PresenceTracker(tickSource: _source);
        string[] players = ["a", "b", "c"];
        Array.ForEach(players, player => tracker.Join(player));
        tracker.Join("dead");
        Frames(50);

        _source.Update(TimeSpan.FromSeconds(8)); // their heartbeats lie unread
        Assert.That(tracker.OnlineCount, Is.EqualTo(4));

        for (int second = 0; second < 5; second++)
        {
            Array.ForEach(players, player => tracker.Heartbeat(player));
            Frames(50);
        }

        Assert.That(tracker.Snapshot().Select(client => client.ClientId), Is.EquivalentTo(players));
    }

    [Test]
    public void Subscription_Disposed_GetsNoFurtherTick()
    {
        _source.Subscribe(_ticks.Add).Dispose();

        Frames(100);

        Assert.That(_ticks, Is.Empty);
    }

    [Test]
    public void Update_ByLessThanNothing_Throws() =>
        Assert.That(() => _source.Update(-Frame), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(0.999)]
    [TestCase(24 * 3600 * 1000 + 1)]
    public void Constructor_WithAnIntervalOutOfRange_Throws(double milliseconds) =>
        Assert.That(
            () => new LoopTickSource(TimeSpan.FromMilliseconds(milliseconds)),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("interval"));

    private void Frames(int count)
    {
        for (int frame = 0; frame < count; frame++)
        {
            _source.Update(Frame);
        }
    }
}
