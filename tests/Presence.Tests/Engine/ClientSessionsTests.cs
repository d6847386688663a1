using Microsoft.Extensions.Logging.Abstractions;
using Presence.Changes;
using Presence.Engine;
using Presence.Groups;
using Presence.Telemetry;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class ClientSessionsTests
{
    private const int Limit = 1;

    private SessionTable _table = null!;
    private PresenceMetrics _metrics = null!;
    private PendingWork _pending = null!;
    private RunningCallbacks _running = null!;
    private ClientSessions _sessions = null!;

    [SetUp]
    public void SetUp() => SetUp(HeartbeatRule.Reset);

    [TearDown]
    public void TearDown()
    {
        _running.Dispose();
        _metrics.Dispose();
    }

    /// <summary>A sweep closed it while the join that started it was not through, and that took the expiry back.</summary>
    [Test]
    public async Task FinishLater_OfASessionThatIsNotOver_LeavesIt()
    {
        SessionId session = Join();

        _sessions.FinishLater(session);
        await _pending.WhenIdle();

        Assert.That((_sessions.TryGet("zhangsan", out ClientStatus status), status.Session), Is.EqualTo((true, session)));
        Assert.That(_sessions.TryBeat("zhangsan"));
    }

    /// <summary>The client is online throughout, and beats before each tick, though its new session has not started yet.</summary>
    [Test]
    public void TryJoin_HeldUpWhileItsClientBeatsByItsIdAndTicksCome_LosesNoHeartbeat([Values] HeartbeatRule rule, [Values(0, 1, 2, 10)] int ticks)
    {
        SetUp(rule);
        SessionId old = Join();
        var answers = new List<bool>();
        _sessions.HoldUpJoin = () =>
        {
            for (int tick = 0; tick < ticks; tick++)
            {
                answers.Add(_sessions.TryBeat("zhangsan"));
                answers.Add(!_table.TryBeat(old));
                Tick();
            }
        };

        SessionId session = Join();

        Assert.That(answers, Is.All.True);
        Assert.That((_sessions.TryGet("zhangsan", out ClientStatus status), status.Session), Is.EqualTo((true, session)));
        int lastBeat = rule == HeartbeatRule.Reset ? 0 : -1;
        Assert.That(status.Count, Is.EqualTo(ticks == 0 ? 0 : lastBeat + 1));
        Assert.That(_table.Online, Is.EqualTo(1));
    }

    [Test]
    public void TryJoin_HeldUpForMoreTicksThanItsLimit_StartsWithACountOfZero([Values] bool replaces, [Values(Limit + 1, Limit + 2, 50)] int ticks)
    {
        if (replaces)
        {
            Join();
        }

        _sessions.HoldUpJoin = () =>
        {
            for (int tick = 0; tick < ticks; tick++)
            {
                Tick();
            }
        };

        SessionId session = Join();

        Assert.That((_sessions.TryGet("zhangsan", out ClientStatus status), status.Session, status.Count), Is.EqualTo((true, session, 0)));
        Assert.That(_table.Online, Is.EqualTo(1));
        Assert.That(Enumerable.Range(0, Limit + 1).Select(_ => Tick()), Is.EqualTo(new[] { 0, 1 }));
    }

    /// <summary>The old session's end and the new one's start are one moment: ticks from then on are the new one's.</summary>
    [Test]
    public void TryJoin_HeldUpForATickAfterItClosedTheOldSession_CountsIt()
    {
        Join();
        _sessions.HoldUpJoin = () => Tick();

        Join();

        Assert.That((_sessions.TryGet("zhangsan", out ClientStatus status), status.Count), Is.EqualTo((true, 1)));
    }

    private void SetUp(HeartbeatRule rule)
    {
        _table = new SessionTable(rule, Limit);
        _metrics = new PresenceMetrics(null, () => 0);
        _pending = new PendingWork();
        _running = new RunningCallbacks(TimeSpan.FromSeconds(30), TimeProvider.System, NullLogger.Instance, _metrics);
        var queue = new FairQueue();
        var callbacks = new ChangeCallbacks(_pending, new CallbackRunner(queue, _running, NullLogger.Instance, _metrics));
        var changes = new ChangeNotifier(new ChangeStreams(), callbacks);
        _sessions = new ClientSessions(_table, new GroupTable(_table, changes, 0), changes, _pending, queue, _metrics);
    }

    private SessionId Join()
    {
        _sessions.TryJoin("zhangsan", new JoinTerms { Limit = Limit, ReplacesAny = true }, out JoinResult joined);
        return joined.Session;
    }

    /// <returns>How many sessions it closed.</returns>
    private int Tick()
    {
        var sweeper = new Sweeper(_table, Limit);
        sweeper.Look();
        _table.Advance(judge: true);
        return sweeper.Judge(default).Closed.Count;
    }
}
