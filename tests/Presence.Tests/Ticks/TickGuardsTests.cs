using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Presence.Tests.Ticks;

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
    public void LateTick_CountsAgainstNobody()
    {
        using PresenceTracker tracker = Create(maxWithheld: null);
        tracker.Join("a");
        _ticks.Advance(2);

        _ticks.AdvanceLate(Stall);

        Assert.That(tracker.TryGetClient("a", out ClientStatus status) ? status.Count : -99, Is.EqualTo(2));
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
        Assert.That(_logger.Collector.GetSnapshot().Count(record => record.Level == LogLevel.Warning), Is.EqualTo(maxWithheld == 0 ? 1 : 2), "one line a stall, one when the amnesty is spent");
    }

    [Test]
    public void OnTimeTick_BetweenLateOnes_RenewsTheAmnesty()
    {
        using PresenceTracker tracker = Create(maxWithheld: 1);
        tracker.Join("a");

        for (int round = 0; round < 5; round++)
        {
            _ticks.AdvanceLate(Stall);
            _ticks.Advance();
        }

        Assert.That(tracker.TryGetClient("a", out ClientStatus status) ? status.Count : -99, Is.EqualTo(5));
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

        Assert.That(tracker.TryGetClient("a", out ClientStatus status) ? status.Count : -99, Is.EqualTo(2));
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

        Assert.That(tracker.TryGetClient("a", out ClientStatus status) ? status.Count : -99, Is.EqualTo(1));
        Assert.That(asked, Is.EqualTo(1));
        Assert.That(_logger.LatestRecord.Id.Id, Is.EqualTo(3));
    }

    private PresenceTracker Create(int? maxWithheld) =>
        new(new PresenceOptions { MaxWithheldTicks = maxWithheld }, _ticks, logger: _logger);
}
