using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Moq;

namespace Presence.Tests.Guards;

/// <summary>A server's own stall expires nobody, and one that is always late still expires the dead.</summary>
[TestFixture]
public sealed class TickGuardsTests
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private ManualTickSource _ticks = null!;
    private FakeLogger<PresenceTracker> _logger = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _logger = new FakeLogger<PresenceTracker>();
    }

    [Test]
    public void LateTick_WithAHealthyClientAtItsLimit_ExpiresNobodyWhoseHeartbeatThenArrives()
    {
        using PresenceTracker tracker = Create(maxWithheld: null);
        tracker.Join("healthy");
        tracker.Join("dead");
        _ticks.Advance(5);

        _ticks.AdvanceLate(Stall);
        bool bothOnline = tracker.OnlineCount == 2;
        tracker.Heartbeat("healthy");
        _ticks.Advance();

        Assert.That(bothOnline, Is.True);
        Assert.That(tracker.Snapshot().Select(status => status.ClientId), Is.EqualTo(new[] { "healthy" }));
    }

    [Test]
    public void LateTicks_InARow_CountAgainstNobodyAndAreLoggedOnceTheyAreOver()
    {
        using PresenceTracker tracker = Create(maxWithheld: null);
        tracker.Join("a");
        _ticks.Advance(2);

        _ticks.AdvanceLate(Stall);
        _ticks.AdvanceLate(Stall);
        int count = CountOf(tracker, "a");
        _ticks.Advance();

        Assert.That(count, Is.EqualTo(2));
        Assert.That(_logger.LatestRecord.Id.Id, Is.EqualTo(4));
        Assert.That(_logger.LatestRecord.Message, Does.Contain("2 ticks").And.Contains("00:00:30 late"));
    }

    [Test]
    public void PauseExpiry_UntilEveryPauseIsDisposed_JudgesNobodyHoweverLong()
    {
        using PresenceTracker tracker = Create(maxWithheld: 0);
        tracker.Join("a");
        IDisposable first = tracker.PauseExpiry();
        IDisposable second = tracker.PauseExpiry();

        _ticks.Advance(1_000);
        first.Dispose();
        first.Dispose();
        _ticks.Advance(1_000);
        int paused = CountOf(tracker, "a");
        second.Dispose();
        _ticks.Advance(6);

        Assert.That((paused, tracker.OnlineCount), Is.EqualTo((0, 0)));
    }

    [Test]
    public void TickGuard_WhileExpiryIsPaused_IsAskedAllTheSame()
    {
        using PresenceTracker tracker = Create(maxWithheld: null);
        tracker.Join("a");
        bool wereLost = true;
        using IDisposable guard = tracker.AddTickGuard(() => Interlocked.Exchange(ref wereLost, false));

        using (tracker.PauseExpiry())
        {
            _ticks.Advance();
        }

        _ticks.Advance();

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(1), "what was lost before the pause was over is no matter after it");
    }

    [Test]
    public void LateTicks_WhileExpiryIsPaused_DrawOnNoAmnesty()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        tracker.Join("a");
        using (tracker.PauseExpiry())
        {
            _ticks.AdvanceLate(Stall);
            _ticks.AdvanceLate(Stall);
        }

        _ticks.AdvanceLate(Stall);

        Assert.That(CountOf(tracker, "a"), Is.Zero);
    }

    [Test]
    public void TickOfAStarvedThreadPool_InTimeOrLate_CountsAgainstNobody([Values] bool isLate)
    {
        var source = new Mock<ITickSource>();
        Action<Tick> push = _ => { };
        source.Setup(ticks => ticks.Subscribe(It.IsAny<Action<Tick>>())).Callback((Action<Tick> onTick) => push = onTick).Returns(Mock.Of<IDisposable>());
        using PresenceTracker tracker = new(tickSource: source.Object, logger: _logger);
        tracker.Join("a");

        push(new Tick { IsPoolStarved = true, IsLate = isLate, Delay = TimeSpan.FromHours(1) }); // longer than any collection
        int count = CountOf(tracker, "a");
        push(default);

        Assert.That(count, Is.Zero);
        Assert.That(_logger.LatestRecord.Message, Does.Contain("thread pool"));
    }

    [Test]
    public void ManualTicks_WhileTheThreadPoolIsStarved_CountAllTheSame()
    {
        using PresenceTracker tracker = new(new PresenceOptions { TickInterval = TimeSpan.FromMilliseconds(1) }, _ticks);
        tracker.Join("a");
        using StarvedThreadPool starved = new();
        for (int tick = 0; tick < 5; tick++)
        {
            _ticks.Advance();
            Assert.That(SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(10)), Is.False);
        }

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(5));
    }

    [TestCase(0, 6)]
    [TestCase(3, 9)]
    [TestCase(null, 11)]
    public void LateTicks_WithoutEnd_ExpireTheDeadOnceTheAmnestyIsSpent(int? maxWithheld, int expectedTicks)
    {
        using PresenceTracker tracker = Create(maxWithheld);
        tracker.Join("dead");

        int ticks = 0;
        while (tracker.OnlineCount > 0 && ticks < 100)
        {
            _ticks.AdvanceLate(Stall);
            ticks++;
        }

        Assert.That(ticks, Is.EqualTo(expectedTicks));
        Assert.That(_logger.Collector.GetSnapshot().Where(record => record.Level == LogLevel.Warning).Select(record => record.Id.Id), Is.EqualTo(new[] { 5 }), "one line, when the amnesty is spent");
    }

    [TestCase(5, 2)]
    [TestCase(6, 1)]
    [TestCase(7, 1)]
    public void TicksThatJudge_AfterALateOne_GiveOneTickOfTheAmnestyBackForEachLimitAndOne(int judged, int expectedLate)
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        _ticks.AdvanceLate(Stall);
        _ticks.Advance(judged);
        tracker.Join("a");

        _ticks.AdvanceLate(Stall);
        _ticks.AdvanceLate(Stall);

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(expectedLate));
    }

    [Test]
    public void TicksThatJudge_WhileTheAmnestyIsFull_AddNothingToIt()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        _ticks.Advance(100);
        tracker.Join("a");

        _ticks.AdvanceLate(Stall);
        _ticks.AdvanceLate(Stall);
        _ticks.Advance(2); // of six
        _ticks.AdvanceLate(Stall);

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(4));
    }

    [Test]
    public void TicksThatHoldSomebody_AfterALateOne_GiveNothingBack()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        for (int client = 0; client < 10; client++)
        {
            tracker.Join($"client {client}");
        }

        _ticks.AdvanceLate(Stall);
        _ticks.Advance(5 + 6); // to the limit, and held
        _ticks.AdvanceLate(Stall);

        Assert.That(CountOf(tracker, "client 0"), Is.EqualTo(12));
    }

    [Test]
    public void LateTicks_ThatCountSinceTheAmnestyIsSpent_GiveNothingBack()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        for (int tick = 0; tick < 1 + (3 * 6); tick++)
        {
            _ticks.AdvanceLate(Stall);
        }

        tracker.Join("a");
        _ticks.AdvanceLate(Stall);

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(1));
    }

    [Test]
    public void Amnesty_SpentByPulses_SaysSoOnceUntilItWithholdsAgain()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        for (int tick = 0; tick < 5; tick++)
        {
            _ticks.AdvanceLate(Stall);
            _ticks.Advance();
        }

        Assert.That(_logger.Collector.GetSnapshot().Select(record => record.Id.Id), Is.EqualTo(new[] { 4, 5 }));
    }

    [Test]
    public void Amnesty_SpentAgainAfterItWithheldAgain_SaysSoAgain()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        for (int trouble = 0; trouble < 2; trouble++)
        {
            _ticks.AdvanceLate(Stall);
            _ticks.AdvanceLate(Stall);
            _ticks.Advance(6);
        }

        Assert.That(_logger.Collector.GetSnapshot().Select(record => record.Id.Id), Is.EqualTo(new[] { 5, 4, 5, 4 }));
    }

    [Test]
    public void TickGuard_ThatSaysHeartbeatsWereLost_WithholdsTheTickUntilItIsDisposed()
    {
        using PresenceTracker tracker = Create(maxWithheld: null);
        tracker.Join("a");
        bool lost = true;
        IDisposable guard = tracker.AddTickGuard(() => lost);

        _ticks.Advance();
        lost = false;
        _ticks.Advance();
        lost = true;
        guard.Dispose();
        _ticks.Advance();

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(2));
    }

    [Test]
    public void TickGuard_ThatThrows_IsLoggedAndTakenForNo()
    {
        using PresenceTracker tracker = Create(maxWithheld: null);
        tracker.Join("a");
        int asked = 0;
        using IDisposable failing = tracker.AddTickGuard(() => throw new InvalidOperationException("guard"));
        using IDisposable next = tracker.AddTickGuard(() => asked++ < 0);

        _ticks.Advance();

        Assert.That(CountOf(tracker, "a"), Is.EqualTo(1));
        Assert.That(asked, Is.EqualTo(1));
        Assert.That(_logger.LatestRecord.Id.Id, Is.EqualTo(3));
    }

    private PresenceTracker Create(int? maxWithheld) =>
        new(new PresenceOptions { MaxWithheldTicks = maxWithheld }, _ticks, logger: _logger);

    private static int CountOf(PresenceTracker tracker, string clientId) => tracker.TryGetClient(clientId, out ClientStatus status) ? status.Count : -99;
}
