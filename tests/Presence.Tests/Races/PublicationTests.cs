using Presence.Engine;

namespace Presence.Tests.Races;

/// <summary>In what order the engine publishes what is read without a lock.</summary>
[TestFixture]
public sealed class PublicationTests
{
    private static readonly int Rounds = TestScale.Of(2_000_000, 40_000_000);

    /// <summary>From the move of the clock on, every session that it reached is over for whoever looks, though no sweep has come to it.</summary>
    [Test]
    public void Session_WhoseDeadlineIsJudged_TakesNoHeartbeat([Values] bool isSwept, [Values] HeartbeatRule rule)
    {
        var table = new SessionTable(rule, 1);
        SessionId session = table.Reserve("zhangsan", null, 1);
        table.Start(session, 1, startedAt: 0);
        var sweeper = new Sweeper(table, 1);
        table.Advance(judge: true);
        sweeper.Look();
        table.Advance(judge: true);
        if (isSwept)
        {
            sweeper.Judge(default);
        }

        Assert.That((table.TryBeat(session), table.TryRead(session, out _)), Is.EqualTo((false, false)));
    }

    /// <summary>Who has read a tick from the clock finds it judged: or a heartbeat slips in behind the tick that ended its session.</summary>
    [Test]
    public async Task Now_ReadBeforeWhatIsJudged_IsNeverAheadOfIt()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 1);
        bool isDone = false;
        Task<long> reading = Task.Factory.StartNew(
            () =>
            {
                long ahead = 0;
                while (!Volatile.Read(ref isDone))
                {
                    long now = table.Now;
                    ahead += table.Judged < now ? 1 : 0;
                }

                return ahead;
            },
            TaskCreationOptions.LongRunning);
        for (int i = 0; i < Rounds; i++)
        {
            table.Advance(judge: true);
        }

        Volatile.Write(ref isDone, true);
        Assert.That(await reading, Is.Zero);
    }

    /// <summary>Whatever beats and ticks come while a session is closed: its count is one that it had.</summary>
    [Test]
    public async Task CloseNeedsLock_WhileItsClientBeatsAtEachTick_ReadsTheClockAfterTheWord()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 5);
        ulong current = 0;
        bool isDone = false;
        Task beating = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isDone))
                {
                    table.Advance(judge: false);
                    table.TryBeat(new SessionId(Volatile.Read(ref current)));
                }
            },
            TaskCreationOptions.LongRunning);
        int wrong = 0;
        for (int i = 0; i < Rounds / 4; i++)
        {
            SessionId session = table.Reserve("zhangsan", null, 5);
            table.Start(session, 5, table.Now);
            Volatile.Write(ref current, session.Value);
            Thread.SpinWait(i % 20);
            long before = table.Now;
            table.CloseNeedsLock(session, PresenceChanges.Left, SessionId.None, out SessionTerms terms, out long closedAt);
            wrong += terms.CountAt(closedAt) < 0 || closedAt < before ? 1 : 0;
            table.Release(session);
        }

        Volatile.Write(ref isDone, true);
        await beating;
        Assert.That(wrong, Is.Zero);
    }

    [Test]
    public async Task Snapshot_WhileClientsJoinAgainAndAgain_HasEachOfThemOnce()
    {
        const int Clients = 20;
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        Join();
        bool isDone = false;
        Task joining = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isDone))
                {
                    Join();
                }
            },
            TaskCreationOptions.LongRunning);
        for (int i = 0; i < TestScale.Of(5_000, 100_000); i++)
        {
            IReadOnlyList<ClientStatus> all = tracker.Snapshot();
            if (all.Count != Clients || all.DistinctBy(status => status.ClientId).Count() != Clients)
            {
                Volatile.Write(ref isDone, true);
                Assert.Fail($"{all.Count} in snapshot {i}");
            }
        }

        Volatile.Write(ref isDone, true);
        await joining;

        void Join()
        {
            for (int client = 0; client < Clients; client++)
            {
                tracker.Join($"client {client}");
            }
        }
    }

    /// <summary>A sweep closes the session while it is read, and its end is seen to: the reader has all of it or nothing.</summary>
    [Test]
    public async Task TryRead_WhileTheSessionExpires_NeverSeesHalfOfIt()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 1);
        var sweeper = new Sweeper(table, 1);
        object state = new();
        ulong current = 0;
        bool isDone = false;
        Task<int> reading = Task.Factory.StartNew(
            () =>
            {
                int halves = 0;
                while (!Volatile.Read(ref isDone))
                {
                    var session = new SessionId(Volatile.Read(ref current));
                    halves += table.TryRead(session, out ClientStatus status) && (status.State != state || status.ClientId != "zhangsan") ? 1 : 0;
                }

                return halves;
            },
            TaskCreationOptions.LongRunning);
        for (int i = 0; i < Rounds / 2; i++)
        {
            SessionId session = table.Reserve("zhangsan", state, 1);
            table.Start(session, 1, table.Now);
            Volatile.Write(ref current, session.Value);
            table.Advance(judge: false);
            sweeper.Look();
            table.Advance(judge: false);
            sweeper.Judge(default);
            table.Release(session);
        }

        Volatile.Write(ref isDone, true);
        Assert.That(await reading, Is.Zero);
    }
}
