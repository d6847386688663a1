using Presence.Engine;

namespace Presence.Tests.Engine;

/// <summary>Ticks that come while a join has read the clock and is not through: they are before the join, and count against nobody.</summary>
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
    public void RestartIfTicked_AfterTicks_HasTheCountStartAtZero(
        [Values(0, 1, Limit, Limit + 1, Limit + 2, 10 * Limit)] int ticks, [Values] bool areSwept)
    {
        SessionId session = Start(ticks, areSwept);

        _table.RestartIfTickedNeedsLock(session, Limit, startedAt: 0);

        Assert.That((_table.TryRead(session, out ClientStatus status), status.Count), Is.EqualTo((true, 0)));
        Assert.That(_table.Online, Is.EqualTo(1));
        Assert.That(Enumerable.Range(0, Limit + 1).Select(_ => Tick()), Is.EqualTo(new[] { 0, 0, 1 }), "It expires after its limit, and once.");
    }

    [Test]
    public void RestartIfTicked_AfterAHeartbeat_ChangesNothing()
    {
        SessionId session = Start(ticks: 1, areSwept: true);
        _table.TryBeat(session);
        Tick();

        _table.RestartIfTickedNeedsLock(session, Limit, startedAt: 0);

        Assert.That((_table.TryRead(session, out ClientStatus status), status.Count), Is.EqualTo((true, 1)));
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
