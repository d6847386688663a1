using CsCheck;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatLossTests
{
    private const int Settling = 100;

    [TestCase(1, 1, false)]
    [TestCase(1, 0, true)]
    [TestCase(2, 1, true)]
    [TestCase(10, 6, false)]
    [TestCase(10, 5, true)]
    [TestCase(100, 81, false)]
    [TestCase(100, 80, true)]
    [TestCase(10_000, 8_751, false)]
    [TestCase(10_000, 8_750, true)]
    public void IsLost_DropsAndFewerThanUsual_IsFromAClearDifferenceOn(int online, int beating, bool expected)
    {
        HeartbeatLoss loss = Settled(online, online);

        Assert.That(loss.IsLost(beating, online, haveDropped: true), Is.EqualTo(expected));
    }

    [Test]
    public void IsLost_ClientsThatBeatSeldom_AreNotMissed()
    {
        HeartbeatLoss loss = Settled(10_000, beating: 400); // each 25 ticks

        Assert.Multiple(() =>
        {
            Assert.That(loss.IsLost(390, 10_000, haveDropped: true), Is.False);
            Assert.That(loss.IsLost(300, 10_000, haveDropped: true), Is.True);
        });
    }

    [Test]
    public void IsLost_ThousandsJustLoggedIn_AreNotMissed()
    {
        HeartbeatLoss loss = Settled(100, 100);

        Assert.That(loss.IsLost(100, 5_100, haveDropped: true), Is.False);
    }

    [Test]
    public void IsLost_OneDeadAmongTheLiving_IsNotLossWhateverMovesTheCounter() =>
        Gen.Int[3, 2_000].Sample(online =>
        {
            HeartbeatLoss loss = Settled(online, online);
            for (int tick = 0; tick < Settling; tick++)
            {
                if (loss.IsLost(online - 1, online, haveDropped: true))
                {
                    return false;
                }
            }

            return true;
        });

    [Test]
    public void IsLost_NothingDropped_NeverIs() =>
        Gen.Select(Gen.Int[0, 500], Gen.Int[0, 500]).Array[1, 50].Sample(ticks =>
        {
            var loss = new HeartbeatLoss();
            return ticks.All(tick => !loss.IsLost(tick.Item1, tick.Item2, haveDropped: false));
        });

    [Test]
    public void IsLost_AllOfThemBeat_NeverIs() =>
        Gen.Select(Gen.Int[1, 500], Gen.Bool).Array[1, 50].Sample(ticks =>
        {
            var loss = new HeartbeatLoss();
            return ticks.All(tick => !loss.IsLost(tick.Item1, tick.Item1, tick.Item2));
        });

    [Test]
    public void IsLost_LossThatGoesOn_StaysLossSinceItTeachesNothing()
    {
        HeartbeatLoss loss = Settled(1_000, 1_000);

        Assert.That(Enumerable.Range(0, Settling).Select(_ => loss.IsLost(100, 1_000, haveDropped: true)), Is.All.True);
    }

    private static HeartbeatLoss Settled(int online, int beating)
    {
        var loss = new HeartbeatLoss();
        for (int tick = 0; tick < Settling; tick++)
        {
            loss.IsLost(beating, online, haveDropped: false);
        }

        return loss;
    }
}
