using Microsoft.Extensions.Time.Testing;

namespace ChatServer.Tests;

/// <summary>What is taken in a second, by one and by many.</summary>
public sealed class LimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void TokenBucket_Emptied_FillsAtItsRateUpToWhatItHolds()
    {
        var bucket = new TokenBucket(perSecond: 2, capacity: 3, _time);
        Assert.That(Take(bucket, 4), Is.EqualTo([true, true, true, false]));
        _time.Advance(TimeSpan.FromSeconds(0.499));
        Assert.That(bucket.TryTake(), Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.That(Take(bucket, 2), Is.EqualTo([true, false]));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(Take(bucket, 4), Is.EqualTo([true, true, true, false]));
    }

    [Test]
    public void TokenBucket_TakenFromAllTheSame_TellsTheDebt()
    {
        var bucket = new TokenBucket(perSecond: 2, capacity: 1, _time);
        Assert.That(bucket.Take(), Is.EqualTo(0));
        Assert.That(bucket.Take(), Is.EqualTo(-1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(bucket.Take(), Is.EqualTo(0));
    }

    [Test]
    public void FairShare_OfOneWhoShouts_LeavesTheOthersTheirs()
    {
        var share = new FairShare(bytesPerSecond: 1000, _time);
        int quietHeard = 0;
        for (int second = 0; second < 10; second++)
        {
            int loud = 0;
            for (int i = 0; i < 100; i++)
            {
                loud += share.TryTake("loud", 100) ? 100 : 0;
            }

            quietHeard += share.TryTake("quiet", 400) ? 1 : 0;
            Assert.That(loud, Is.LessThanOrEqualTo(second == 0 ? 1000 : 500));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(quietHeard, Is.EqualTo(9)); // in the first second there was no telling that he would speak
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100)]
    public void FairShare_OfAnyNumberOfSpeakers_IsNeverMoreThanTheWhole(int speakers)
    {
        var share = new FairShare(bytesPerSecond: 1000, _time);
        var random = new Random(speakers);
        for (int second = 0; second < 20; second++)
        {
            int passed = 0;
            for (int i = 0; i < 1000; i++)
            {
                int bytes = random.Next(1, 300);
                passed += share.TryTake($"speaker{random.Next(speakers)}", bytes) ? bytes : 0;
            }

            Assert.That(passed, Is.InRange(500, 1000));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static bool[] Take(TokenBucket bucket, int times) => [.. Enumerable.Range(0, times).Select(_ => bucket.TryTake())];
}
