namespace Presence.Tests;

[TestFixture]
public sealed class TickSpanTests
{
    [TestCase(1_000, 999, 1)]
    [TestCase(1_000, 1_000, 1)]
    [TestCase(1_000, 1_001, 2)]
    [TestCase(1_000, 60_000, 60)]
    [TestCase(20, 50, 3)]
    [TestCase(1_000, 0, 0)]
    [TestCase(1_000, -1_000, -1)]
    public void ToTicks_OfATime_RoundsUpToWholeIntervals(int interval, int time, int expected)
    {
        TickSpan span = TimeSpan.FromMilliseconds(time);

        Assert.That(span.ToTicks(TimeSpan.FromMilliseconds(interval)), Is.EqualTo(expected));
    }

    [Test]
    public void ToTicks_OfTheLongestTime_IsTheMostThereAre()
    {
        TickSpan span = TimeSpan.MaxValue;

        Assert.That(span.ToTicks(PresenceOptions.MinTickInterval), Is.EqualTo(int.MaxValue));
    }

    [TestCase(0)]
    [TestCase(7)]
    public void ToTicks_OfTicks_IsTheseWhateverTheInterval(int ticks)
    {
        TickSpan span = ticks;

        Assert.That((span.ToTicks(TimeSpan.FromDays(1)), span.Ticks, span.Time), Is.EqualTo((ticks, ticks, (TimeSpan?)null)));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void ToTicks_WithAnIntervalThatIsNone_Throws(int interval)
    {
        TickSpan span = 1;

        Assert.That(() => span.ToTicks(TimeSpan.FromTicks(interval)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
