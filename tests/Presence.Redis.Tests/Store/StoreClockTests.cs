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
    public void At_AfterABetterAnswer_DoesNotGoBack()
    {
        var clock = new StoreClock(_time);
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        clock.Observe(StoreTime, sent);
        long before = clock.At(_time.GetTimestamp());

        clock.Observe(StoreTime, _time.GetTimestamp());

        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(before));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(clock.At(_time.GetTimestamp()), Is.EqualTo(before + 999_000), "a millisecond a second");
    }
}
