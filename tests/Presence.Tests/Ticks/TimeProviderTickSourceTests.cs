using Microsoft.Extensions.Time.Testing;

namespace Presence.Tests.Ticks;

[TestFixture]
public sealed class TimeProviderTickSourceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private FakeTimeProvider _time = null!;
    private List<Tick> _ticks = null!;

    [SetUp]
    public void SetUp()
    {
        _time = new FakeTimeProvider();
        _ticks = [];
    }

    [Test]
    public void Subscribe_AsTimePasses_TicksOncePerIntervalAndNotBefore()
    {
        using IDisposable subscription = Subscribe();

        _time.Advance(TimeSpan.FromMilliseconds(999));
        int before = _ticks.Count;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        int at = _ticks.Count;
        _time.Advance(Second);

        Assert.That((before, at, _ticks.Count), Is.EqualTo((0, 1, 2)));
        Assert.That(_ticks, Is.All.EqualTo(default(Tick)));
    }

    [Test]
    public void Subscribe_WhenEveryTickIsALittleLate_DoesNotDrift()
    {
        // The clock moves in steps of 0.3 s, so most ticks come late, by up to 0.2 s. After 69 s there were 69 all the same.
        using IDisposable subscription = Subscribe();

        for (int step = 0; step < 230; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.3));
        }

        Assert.That(_ticks, Has.Count.EqualTo(69));
        Assert.That(_ticks.Any(tick => tick.IsLate), Is.False);
    }

    [TestCase(1.0, false)]
    [TestCase(1.249, false)]
    [TestCase(2.0, true)]
    [TestCase(31.0, true)]
    public void Subscribe_WhenATickComesAnIntervalLate_SaysSo(double seconds, bool isLate)
    {
        _time.AutoAdvanceAmount = TimeSpan.Zero;
        using IDisposable subscription = SubscribeTo(new TimeProviderTickSource(Second, new JumpingTime(_time)));

        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.That(_ticks[0].IsLate, Is.EqualTo(isLate));
        Assert.That(_ticks[0].Delay.TotalSeconds, Is.EqualTo(seconds - 1).Within(0.001));
    }

    [TestCase(1.25)]
    [TestCase(1.999)]
    public void Subscribe_WhenATickWouldComeAQuarterOfAnIntervalLate_PutsItOffOnceAndStartsANewGrid(double seconds)
    {
        using IDisposable subscription = SubscribeTo(new TimeProviderTickSource(Second, new JumpingTime(_time)));
        int[] counts = [.. new[] { seconds, 0.499, 0.3, 0.699, 0.001 }.Select(step =>
        {
            _time.Advance(TimeSpan.FromSeconds(step)); // it comes 0.299 s after it was put off to, and is not put off again
            return _ticks.Count;
        })];

        Assert.That(counts, Is.EqualTo(new[] { 0, 0, 1, 1, 1 }));
        _time.Advance(TimeSpan.FromSeconds(0.3));
        Assert.That(_ticks.Select(tick => tick.IsLate), Is.EqualTo(new[] { false, false }), "the second an interval after the first");

        _time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.That(_ticks, Has.Count.EqualTo(2), "the next stall puts off as well");
    }

    [TestCase(20, 9, 1)]
    [TestCase(20, 10, 0)]
    [TestCase(1, 0.9, 1)]
    public void Subscribe_AtShortIntervals_TakesTheJitterOfTimersForNoStall(double interval, double delay, int expectedTicks)
    {
        using IDisposable subscription = SubscribeTo(new TimeProviderTickSource(TimeSpan.FromMilliseconds(interval), new JumpingTime(_time)));

        _time.Advance(TimeSpan.FromMilliseconds(interval + delay));

        Assert.That(_ticks, Has.Count.EqualTo(expectedTicks));
    }

    [Test]
    public void Subscribe_AfterALateTick_WaitsAFullIntervalForTheNextAndSkipsThoseMissed()
    {
        using IDisposable subscription = SubscribeTo(new TimeProviderTickSource(Second, new JumpingTime(_time)));

        _time.Advance(TimeSpan.FromSeconds(30.9));
        int afterJump = _ticks.Count;
        _time.Advance(TimeSpan.FromSeconds(0.9));
        int soonAfter = _ticks.Count;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That((afterJump, soonAfter, _ticks.Count), Is.EqualTo((1, 1, 2)));
        Assert.That(_ticks[1].IsLate, Is.False);
    }

    [Test]
    public void Dispose_OfASubscription_StopsItsTicks()
    {
        Subscribe().Dispose();

        _time.Advance(10 * Second);

        Assert.That(_ticks, Is.Empty);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(0.999)]
    [TestCase(24 * 3600 * 1000 + 1)]
    public void Constructor_WithAnIntervalOutOfRange_Throws(double milliseconds) =>
        Assert.That(
            () => new TimeProviderTickSource(TimeSpan.FromMilliseconds(milliseconds)),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("interval"));

    [TestCase(1)]
    [TestCase(24 * 3600 * 1000)]
    public void Constructor_WithAnIntervalAtTheEdgeOfTheRange_Works(double milliseconds) =>
        Assert.That(() => new TimeProviderTickSource(TimeSpan.FromMilliseconds(milliseconds)), Throws.Nothing);

    private IDisposable Subscribe() => SubscribeTo(new TimeProviderTickSource(Second, _time));

    private IDisposable SubscribeTo(TimeProviderTickSource source) => source.Subscribe(_ticks.Add);

    /// <summary>Fires a timer only once the clock has come to rest, as a server does that stood still; the fake clock alone fires it on the way.</summary>
    private sealed class JumpingTime(FakeTimeProvider inner) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
