using Microsoft.Extensions.Time.Testing;
using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

public class StoreClockTests
{
    private const long StoreTime = 1_700_000_000_000_000;

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void At_AfterASlowAnswer_IsNotBehindTheStore()
    {
        var clock = new StoreClock(_time);
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(10));

        clock.Observe(StoreTime, sent);

        Assert.That(clock.At(sent), Is.EqualTo(StoreTime));
    }

    [Test]
    public void At_LongAfterAnAnswer_AllowsForDrift()
    {
        var clock = new StoreClock(_time);
        clock.Observe(StoreTime, _time.GetTimestamp());

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(StoreTime + 10_001_000), "100 parts in a million");
    }

    [Test]
    public void At_AfterABetterAnswer_IsBetter()
    {
        var clock = new StoreClock(_time);
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1)); // as the first of all takes
        clock.Observe(StoreTime, sent);

        clock.Observe(StoreTime, _time.GetTimestamp());

        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(StoreTime));
    }

    [Test]
    public void At_AfterTheStoresClockWentBack_DoesNotGoBack()
    {
        var clock = new StoreClock(_time);
        clock.Observe(StoreTime, _time.GetTimestamp());

        clock.Observe(StoreTime - 10_000, _time.GetTimestamp());

        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(StoreTime));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(StoreTime + 999_100), "a millisecond a second, less the drift");
        clock.Observe(StoreTime + 990_000, _time.GetTimestamp());
        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(StoreTime + 999_000), "and goes on so");
    }

    [Test]
    public void At_StoresClockWentAheadAndAnswersAreSlow_IsNotBehind()
    {
        var clock = new StoreClock(_time);
        clock.Observe(StoreTime, _time.GetTimestamp());
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(400));

        clock.Observe(StoreTime + 3_600_000_000, sent);

        Assert.That(clock.At(_time.GetTimestamp()), Is.GreaterThanOrEqualTo(StoreTime + 3_600_000_000));
    }
}
