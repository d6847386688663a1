using System.Net;
using Presence.Udp.Sending;

namespace Presence.Udp.Client.Tests;

[TestFixture]
public sealed class AskedHeartbeatsTests
{
    private AskedHeartbeats _asked = null!;

    [SetUp]
    public void SetUp() => _asked = new AskedHeartbeats();

    [Test]
    public void Awaits_EachSequence_OnceAndOnlyIfItAsked()
    {
        Ask(1, 0);

        Assert.That((_asked.Awaits(0), _asked.Awaits(1), _asked.Awaits(2)), Is.EqualTo((false, true, false)));
        _asked.Answer(1, Ms(10));
        Assert.That(_asked.Awaits(1), Is.False);
    }

    [Test]
    public void Awaits_After64Later_NoMore()
    {
        for (ulong sequence = 1; sequence <= 65; sequence++)
        {
            Ask(sequence, (int)sequence);
        }

        Assert.That((_asked.Awaits(1), _asked.Awaits(2)), Is.EqualTo((false, true)));
    }

    [Test]
    public void UnansweredSince_AnswersOutOfOrder_IsTheFirstAfterTheLastAnswered()
    {
        Assert.That(_asked.UnansweredSince, Is.Null);
        Ask(1, 100);
        Ask(2, 200);
        Ask(3, 300);
        Assert.That(_asked.UnansweredSince, Is.EqualTo(Ms(100)));

        _asked.Answer(2, Ms(310));
        Assert.That(_asked.UnansweredSince, Is.EqualTo(Ms(300)));
        _asked.Answer(1, Ms(320)); // overtaken, and no news
        Assert.That(_asked.UnansweredSince, Is.EqualTo(Ms(300)));
        _asked.Answer(3, Ms(330));
        Assert.That(_asked.UnansweredSince, Is.Null);
    }

    [Test]
    public void RoundTripTime_Measured_IsSmoothedByAnEighth()
    {
        Ask(1, 0);
        Ask(2, 0);

        _asked.Answer(1, Ms(80));
        Assert.That(_asked.RoundTripTime, Is.EqualTo(Ms(80)));
        _asked.Answer(2, Ms(160));
        Assert.That(_asked.RoundTripTime, Is.EqualTo(Ms(90)));
    }

    [Test]
    public void Loss_OfThoseThatAreDue_CountsNoTrialsAndNoneThatIsYoung()
    {
        TimeSpan within = Ms(100);
        Assert.That(_asked.Loss(Ms(0), within), Is.Null);
        Ask(1, 0);
        Ask(2, 0);
        Ask(3, 0);
        Ask(4, 50);
        _asked.Ask(5, Ms(0), IPAddress.Loopback, isTrial: true);
        _asked.Answer(1, Ms(20));

        Assert.Multiple(() =>
        {
            Assert.That(_asked.Loss(Ms(99), within), Is.Zero);
            Assert.That(_asked.Loss(Ms(100), within), Is.EqualTo(2 / 3.0));
            Assert.That(_asked.Loss(Ms(150), within), Is.EqualTo(3 / 4.0));
        });
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private void Ask(ulong sequence, int at) => _asked.Ask(sequence, Ms(at), IPAddress.Loopback, isTrial: false);
}
