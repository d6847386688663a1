using System.Diagnostics;

namespace Presence.Tests.Lives;

/// <summary>Limits that change, and notices that are given, while heartbeats and ticks go on.</summary>
[TestFixture]
public sealed class LimitRaceTests
{
    private static readonly TimeSpan Duration = TestScale.Of(1, 15) * TimeSpan.FromSeconds(1);

    /// <summary>A client that beats before each tick lives, whatever its limit is changed to meanwhile.</summary>
    [Test]
    public void Heartbeat_WhileTheLimitChangesAgainAndAgain_IsNeverLost([Values] HeartbeatRule rule, [Values] bool byId) =>
        Beat(rule, byId, static (tracker, session, round) => tracker.SetExpireAfter(session, 1 + (round % 3 * 40)));

    /// <summary>A notice of a tick is undone by the heartbeat before that: all that comes of it at worst is the end of the notice that came after the heartbeat.</summary>
    [Test]
    public void Heartbeat_WhileNoticesAreGivenAgainAndAgain_UndoesThoseBefore([Values] HeartbeatRule rule, [Values] bool byId) =>
        Beat(rule, byId, static (tracker, session, _) => tracker.ExpireWithin(session, 2));

    /// <summary>Heartbeats that read the limit of before must not win: once the limit is short and the heartbeats have ended, it ends the session by that.</summary>
    [Test]
    public async Task SetExpireAfter_WhileHeartbeatsCome_HoldsFromTheCallOn([Values] HeartbeatRule rule)
    {
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule, MaxHeldTicks = 0 }, ticks);
        int rounds = TestScale.Of(3_000, 60_000);
        using var barrier = new Barrier(2);
        SessionId session = default;
        Task beating = Task.Factory.StartNew(
            () =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    barrier.SignalAndWait();
                    for (int beat = 0; beat < 20; beat++)
                    {
                        tracker.Heartbeat(session);
                    }

                    barrier.SignalAndWait();
                }
            },
            TaskCreationOptions.LongRunning);
        int wrong = 0;
        for (int round = 0; round < rounds; round++)
        {
            session = tracker.Join("zhangsan", new JoinOptions { ExpireAfter = 1_000 }).Session;
            barrier.SignalAndWait();
            tracker.SetExpireAfter(session, 3);
            barrier.SignalAndWait();
            tracker.TryGetClient("zhangsan", out ClientStatus status);
            ticks.Advance(3);
            bool isOnlineAtLimit = tracker.TryGetClient("zhangsan", out _);
            ticks.Advance(2);
            wrong += isOnlineAtLimit && !tracker.TryGetClient("zhangsan", out _) && status.ExpireAfter == 3 && status.Count is 0 or -1 ? 0 : 1;
        }

        await beating;
        Assert.That(wrong, Is.Zero);
    }

    /// <summary>Who reads a session while its limit changes sees the count with the limit that it belongs to.</summary>
    [Test]
    public void TryGetClient_WhileTheLimitChanges_NeverSeesHalfOfIt()
    {
        using var tracker = new PresenceTracker(new PresenceOptions { MaxHeldTicks = 0 }, new ManualTickSource());
        SessionId session = tracker.Join("zhangsan").Session;
        bool isDone = false;
        var changing = new Thread(() =>
        {
            for (int round = 0; !Volatile.Read(ref isDone); round++)
            {
                tracker.SetExpireAfter(session, round % 2 == 0 ? 500 : 5);
            }
        });
        changing.Start();
        int wrong = 0;
        for (int i = 0; i < TestScale.Of(100_000, 2_000_000); i++)
        {
            wrong += tracker.TryGetClient("zhangsan", out ClientStatus status) && status.Count == 0 ? 0 : 1;
        }

        Volatile.Write(ref isDone, true);
        changing.Join();
        Assert.That(wrong, Is.Zero);
    }

    /// <summary>Who reads a group without the lock of its members' ids may meet one at the very moment of a change: he is there all the same.</summary>
    [Test]
    public void Members_WhileTheLimitOfOneChanges_HaveHim()
    {
        using var tracker = new PresenceTracker(new PresenceOptions { MaxHeldTicks = 0 }, new ManualTickSource());
        SessionId session = tracker.Join("zhangsan", new JoinOptions { Groups = ["room"] }).Session;
        bool isDone = false;
        var changing = new Thread(() =>
        {
            for (int round = 0; !Volatile.Read(ref isDone); round++)
            {
                tracker.SetExpireAfter(session, round % 2 == 0 ? 500 : 5);
            }
        });
        changing.Start();
        int missed = 0;
        for (int i = 0; i < TestScale.Of(100_000, 2_000_000); i++)
        {
            missed += tracker.Groups.Members("room").Count == 1 ? 0 : 1;
        }

        Volatile.Write(ref isDone, true);
        changing.Join();
        Assert.That(missed, Is.Zero);
    }

    private static void Beat(HeartbeatRule rule, bool byId, Action<PresenceTracker, SessionId, int> disturb)
    {
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule, MaxHeldTicks = 0 }, ticks);
        SessionId session = tracker.Join("zhangsan").Session;
        bool isDone = false;
        var disturbing = new Thread(() =>
        {
            for (int round = 0; !Volatile.Read(ref isDone); round++)
            {
                disturb(tracker, session, round);
            }
        });
        disturbing.Start();
        long started = Stopwatch.GetTimestamp();
        int refused = 0;
        while (Stopwatch.GetElapsedTime(started) < Duration)
        {
            refused += (byId ? tracker.Heartbeat("zhangsan") : tracker.Heartbeat(session)) ? 0 : 1;
            ticks.Advance();
        }

        Volatile.Write(ref isDone, true);
        disturbing.Join();
        Assert.That(refused, Is.Zero);
    }
}
