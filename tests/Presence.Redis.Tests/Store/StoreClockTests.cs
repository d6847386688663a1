using Microsoft.Extensions.Time.Testing;
using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

public class StoreClockTests
{
    private const long Epoch = 1_800_000_000_000_000;

    private readonly FakeTimeProvider _time = new();
    private StoreClock _clock = null!;

    [SetUp]
    public void CreateClock() => _clock = new StoreClock(_time);

    [Test]
    public void At_AfterOneAnswer_IsWithinHalfItsRoundTrip()
    {
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(10));

        _clock.Observe(Epoch + 5000, sent); // at the middle of the way

        Assert.That(_clock.At(sent), Is.EqualTo(Epoch));
        Assert.That(_clock.At(_time.GetTimestamp()), Is.EqualTo(Epoch + 10_000));
    }

    [Test]
    public void Observe_SlowerAnswer_IsPassedOver()
    {
        Answer(Epoch, roundTrip: TimeSpan.FromMilliseconds(1));

        Answer(Epoch + 700_000, roundTrip: TimeSpan.FromMilliseconds(500));

        Assert.That(_clock.At(_time.GetTimestamp()), Is.EqualTo(Epoch + 500 + 500_000).Within(1));
    }

    [Test]
    public void Observe_SlowerAnswerLongAfter_IsTaken()
    {
        Answer(Epoch, roundTrip: TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromHours(1)); // two clocks may be 360 ms apart by now

        Answer(Epoch + 3_700_000_000, roundTrip: TimeSpan.FromMilliseconds(100));

        Assert.That(_clock.At(_time.GetTimestamp()), Is.EqualTo(Epoch + 3_700_000_000 + 50_000).Within(1));
    }

    [Test]
    public void Observe_StoreClockWentBack_NeverGoesBackItself()
    {
        Answer(Epoch, roundTrip: TimeSpan.FromMilliseconds(1));
        long before = _clock.At(_time.GetTimestamp());

        Answer(Epoch - 5_000_000, roundTrip: TimeSpan.FromMilliseconds(1));
        for (int second = 0; second < 10_000; second++)
        {
            long now = _clock.At(_time.GetTimestamp());
            Assert.That(now, Is.GreaterThanOrEqualTo(before));
            before = now;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        long storeNow = Epoch - 5_000_000 + 10_000_000_000 + 500;
        Assert.That(before, Is.EqualTo(storeNow).Within(1_000_001), "after 10,000 s it has lost the 5 s that it was ahead");
    }

    private void Answer(long storeTime, TimeSpan roundTrip)
    {
        long sent = _time.GetTimestamp();
        _time.Advance(roundTrip);
        _clock.Observe(storeTime, sent);
    }
}
