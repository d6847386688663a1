namespace Presence.Tests.Guards;

/// <summary>What troubles of a real server look like to the tracker, tick by tick, at default options: healthy clients come through all of them.</summary>
[TestFixture]
public sealed class RealTroubleTests
{
    private const int Count = 55;

    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private SessionId[] _clients = null!;
    private bool _isPoolStarved;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
        _tracker.AddTickGuard(() => _isPoolStarved);
        _clients = [.. Enumerable.Range(0, Count).Select(client => _tracker.Join($"client {client}").Session)];
        _isPoolStarved = false;
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [TestCase(1)]
    [TestCase(10)]
    public void Server_FrozenFor40Seconds_ExpiresNobody(int times)
    {
        for (int time = 0; time < times; time++)
        {
            Live(2);
            _ticks.AdvanceLate(TimeSpan.FromSeconds(39)); // one tick stands for all that were missed
        }

        AssertAllLive();
    }

    [Test]
    public void Server_With12StallsOf1500MillisecondsAndHalfASecondBetween_ExpiresNobody()
    {
        for (int stall = 0; stall < 12; stall++)
        {
            _ticks.AdvanceLate(TimeSpan.FromSeconds(1)); // the only tick of two seconds, before what piled up is read
            Beat();
        }

        AssertAllLive();
    }

    [Test]
    public void Server_WithStallsThatNoTickIsLateFor_ExpiresNobody()
    {
        for (int stall = 0; stall < 12; stall++)
        {
            _ticks.Advance(); // due in the stall, and under an interval late
            _ticks.Advance(); // due right after it
            Beat();
        }

        AssertAllLive();
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Server_WithAThreadPoolStarvedFor15Seconds_ExpiresNobody(int times)
    {
        for (int time = 0; time < times; time++)
        {
            Live(20);
            _isPoolStarved = true;
            _ticks.Advance(15); // nothing is read meanwhile
            _isPoolStarved = false;
        }

        AssertAllLive();
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Server_WhoseLinkIsDownFor14Seconds_ExpiresNobody(int times)
    {
        for (int time = 0; time < times; time++)
        {
            Live(20);
            _ticks.Advance(14); // the one before it counts too: a limit, and two limits held
        }

        AssertAllLive();
    }

    private void Live(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++)
        {
            Beat();
            _ticks.Advance();
        }
    }

    private void Beat() => Array.ForEach(_clients, client => Assert.That(_tracker.Heartbeat(client), Is.True));

    private void AssertAllLive()
    {
        Live(6);
        Assert.That(_tracker.OnlineCount, Is.EqualTo(Count));
    }
}
