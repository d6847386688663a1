using Presence.Engine;

namespace Presence.Tests.Engine;

/// <summary>Ticks that come while a join has read the clock and is not through: they expire nobody.</summary>
[TestFixture]
public sealed class SessionTableTests
{
    private const int Limit = 2;

    private SessionTable _table = null!;
    private Sweeper _sweeper = null!;

    [SetUp]
    public void SetUp()
    {
        _table = new SessionTable(HeartbeatRule.Reset, Limit);
        _sweeper = new Sweeper(_table, Limit);
    }

    [Test]
    public void RestartIfOver_AfterTicks_HasTheCountStartAtZeroOnlyIfItIsOver(
        [Values(0, 1, Limit, Limit + 1, Limit + 2, 10 * Limit)] int ticks, [Values] bool areSwept)
    {
        SessionId session = Start(ticks, areSwept);

        _table.RestartIfOverNeedsLock(session, Limit);

        int count = ticks > Limit ? 0 : ticks;
        Assert.That((_table.TryRead(session, out ClientStatus status), status.Count), Is.EqualTo((true, count)));
        Assert.That(_table.Online, Is.EqualTo(1));
        Assert.That(Enumerable.Range(0, Limit + 1 - count).Sum(_ => Tick()), Is.EqualTo(1), "it expires after its limit");
        Assert.That(Tick(), Is.Zero, "once");
    }

    [Test]
    public void RestartIfOver_AfterAHeartbeat_ChangesNothing()
    {
        SessionId session = Start(ticks: 1, areSwept: true);
        _table.TryBeat(session);
        Tick();

        _table.RestartIfOverNeedsLock(session, Limit);

        Assert.That((_table.TryRead(session, out ClientStatus status), status.Count), Is.EqualTo((true, 1)));
    }

    [TestCase(HeartbeatRule.Reset, 0)]
    [TestCase(HeartbeatRule.Decrement, 0)]
    public void TryBeat_OfASessionThatIsOverdueAndNotJudged_StartsItsCountAgainAtZero(HeartbeatRule rule, int expected)
    {
        var table = new SessionTable(rule, Limit);
        SessionId session = table.Reserve("zhangsan", null, Limit);
        table.Start(session, Limit, startedAt: 0);
        for (int tick = 0; tick < 3 * Limit; tick++)
        {
            table.Advance(judge: false);
        }

        Assert.That(table.TryBeat(session), Is.True);

        Assert.That((table.TryRead(session, out ClientStatus status), status.Count), Is.EqualTo((true, expected)));
    }

    private SessionId Start(int ticks, bool areSwept)
    {
        SessionId session = _table.Reserve("zhangsan", null, Limit);
        _table.Start(session, Limit, startedAt: 0);
        for (int tick = 0; tick < ticks; tick++)
        {
            if (areSwept)
            {
                Tick();
            }
            else
            {
                _table.Advance(judge: true);
            }
        }

        return session;
    }

    /// <returns>How many sessions it expired.</returns>
    private int Tick()
    {
        _sweeper.Look();
        _table.Advance(judge: true);
        return _sweeper.Judge(default).Closed.Count;
    }
}
