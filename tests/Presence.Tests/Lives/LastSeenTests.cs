using Microsoft.Extensions.Time.Testing;
using Presence.Engine;

namespace Presence.Tests.Lives;

[TestFixture]
public sealed class LastSeenTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private FakeTimeProvider _time = null!;
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [TearDown]
    public void TearDown() => _tracker?.Dispose();

    [Test]
    public void TryGetClient_AfterTheLastHeartbeat_SaysWhenThatWas([Values] HeartbeatRule rule, [Values] bool byId)
    {
        SetUp(rule);
        SessionId session = _tracker.Join("zhangsan").Session;
        Assert.That(LastSeen(), Is.EqualTo((0, 0)));
        Tick(2);
        Assert.That(LastSeen(), Is.EqualTo((2, 0)));
        Assert.That(byId ? _tracker.Heartbeat("zhangsan") : _tracker.Heartbeat(session), Is.True);
        Assert.That(LastSeen(), Is.EqualTo((0, 2)));
        Tick(3);
        Assert.That(LastSeen(), Is.EqualTo((3, 2)));
    }

    /// <summary>Under the classic rule the count says how many heartbeats were lost, and not when the last one came.</summary>
    [Test]
    public void TryGetClient_OfAClientInDebt_SaysWhenTheLastHeartbeatWas([Values] HeartbeatRule rule)
    {
        SetUp(rule);
        SessionId session = _tracker.Join("zhangsan").Session;
        Tick(4);
        _tracker.Heartbeat(session);
        Tick(1);
        _tracker.Heartbeat(session);
        _tracker.Heartbeat(session);

        Assert.That(LastSeen(), Is.EqualTo((0, 5)));
    }

    /// <summary>Also by heartbeats that write nothing: at the lowest count of the classic rule.</summary>
    [Test]
    public void TryGetClient_OfAClientAtTheLowestCount_SaysWhenTheLastHeartbeatWas([Values] HeartbeatRule rule)
    {
        SetUp(rule);
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.Heartbeat(session);
        Tick(1);
        _tracker.Heartbeat(session);
        _tracker.Heartbeat(session);

        Assert.That(LastSeen(), Is.EqualTo((0, 1)));
    }

    /// <summary>Ticks that don't count take their time nevertheless.</summary>
    [Test]
    public void TryGetClient_AcrossWithheldTicks_CountsTheirTime([Values] HeartbeatRule rule)
    {
        SetUp(rule);
        _tracker.Join("zhangsan");
        Tick(1);
        _time.Advance(TimeSpan.FromSeconds(30));
        _ticks.AdvanceLate(TimeSpan.FromSeconds(29));
        Assert.That(LastSeen(), Is.EqualTo((31, 0)));
        using (_tracker.PauseExpiry())
        {
            Tick(100);
            Assert.That(LastSeen(), Is.EqualTo((131, 0)));
        }

        Tick(1);
        Assert.That(LastSeen(), Is.EqualTo((132, 0)));
        _tracker.Heartbeat("zhangsan");
        Tick(1);
        Assert.That(LastSeen(), Is.EqualTo((1, 132)));
    }

    [Test]
    public async Task Expired_WhileTicksWereHeld_SaysWhenTheLastHeartbeatWas([Values] HeartbeatRule rule)
    {
        var told = new List<(PresenceChanges, TimeSpan, DateTimeOffset)>();
        SetUp(rule, new PresenceOptions { Rule = rule, MassExpiryMinimum = 1, MassExpiryShare = 0.5 });
        using IDisposable registration = _tracker.OnClientExpired(change =>
        {
            told.Add((change.Kind, change.LastSeenAgo, change.LastSeen));
            return default;
        });
        _tracker.Join("zhangsan");
        Tick(1);
        _tracker.Heartbeat("zhangsan");
        Tick(6);
        Assert.That(_tracker.OnlineCount, Is.EqualTo(1), "held");
        Tick(10);
        await _tracker.WhenCallbacksDoneAsync();

        int ticks = 6 + (2 * 5);
        Assert.That(told, Is.EqualTo(new[] { (PresenceChanges.Expired, TimeSpan.FromSeconds(ticks), Start + TimeSpan.FromSeconds(1)) }));
    }

    [Test]
    public void TryGetClient_ThroughChangedLimitsAndNotices_SaysWhenTheLastHeartbeatWas([Values] HeartbeatRule rule)
    {
        SetUp(rule);
        SessionId session = _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = 20 }).Session;
        Tick(7);
        Assert.That(LastSeen(), Is.EqualTo((7, 0)));
        _tracker.Heartbeat(session);
        Tick(2);
        _tracker.SetExpireAfter(session, 100);
        Assert.That(LastSeen(), Is.EqualTo((2, 7)));
        _tracker.ExpireWithin(session, 5);
        Tick(2);
        Assert.That(LastSeen(), Is.EqualTo((4, 7)));
    }

    /// <summary>What is older than the ticks that are kept is reckoned by the interval.</summary>
    [Test]
    public void TryGetClient_AfterManyTicks_IsStillRight([Values] HeartbeatRule rule, [Values(1_000, 1_023, 1_024, 1_025, 5_000)] int ticks)
    {
        SetUp(rule);
        Tick(3);
        _tracker.Join("zhangsan", new JoinOptions { ExpireAfter = 10_000 });
        Tick(ticks);

        Assert.That(LastSeen(), Is.EqualTo((ticks, 3)));
    }

    /// <summary>Its end is seen to some ticks later, as in a storm; that is not when it was closed.</summary>
    [Test]
    public void Expired_AndSeenToLater_SaysTheSame([Values] HeartbeatRule rule, [Values(0, 1, 500)] int later)
    {
        var time = new FakeTimeProvider(Start);
        var table = new SessionTable(rule, 1, times: new TickTimes(time, TimeSpan.FromSeconds(1)));
        var sweeper = new Sweeper(table, 1);
        SessionId session = table.Reserve("zhangsan", null, 1);
        table.Start(session, 1, 0);
        for (int tick = 0; tick < 2 + later; tick++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            sweeper.Look();
            table.Advance(judge: true);
            sweeper.Judge(default);
        }

        PresenceChanges reason = table.CloseNeedsLock(session, PresenceChanges.Left, SessionId.None, out SessionTerms terms, out long closedAt);
        ClientStatus ended = table.ReadClosedNeedsLock(session, terms, closedAt);

        Assert.That((reason, ended.Count, ended.LastSeen), Is.EqualTo((PresenceChanges.Expired, 2, Start)));
    }

    private (int Ago, int At) LastSeen() =>
        _tracker.TryGetClient("zhangsan", out ClientStatus status) ? ((int)status.LastSeenAgo.TotalSeconds, (int)(status.LastSeen - Start).TotalSeconds) : (-1, -1);

    private void Tick(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _ticks.Advance();
        }
    }

    private void SetUp(HeartbeatRule rule, PresenceOptions? options = null)
    {
        _time = new FakeTimeProvider(Start);
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(options ?? new PresenceOptions { Rule = rule }, _ticks, _time);
    }
}
