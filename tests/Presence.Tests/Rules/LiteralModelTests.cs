using System.Collections.Concurrent;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Presence.Tests.Rules;

/// <summary>The tracker against the literal model: same answers, same counts, same suspicions and expiries at the same tick, always.</summary>
[TestFixture]
public sealed class LiteralModelTests
{
    private static readonly int Sequences = TestScale.Of(8_000, 200_000);

    private static readonly string[] ClientIds = ["zhangsan", "lisi", "wangwu"];

    /// <summary>What to do, to whom, and a number: a limit, or how many sessions ago.</summary>
    private static readonly Gen<(Operation Operation, string ClientId, int Number)[]> GenOperations =
        Gen.Select(Gen.Enum<Operation>(), Gen.Int[0, ClientIds.Length - 1].Select(index => ClientIds[index]), Gen.Int[0, 6]).Array[1, 60];

    public enum Operation
    {
        Join,
        TryJoin,
        Resume,
        LeaveById,
        LeaveBySession,
        HeartbeatById,
        HeartbeatBySession,
        HeartbeatOrJoin,
        JoinWithFirstLimit,
        SetState,
        SetExpireAfter,
        ExpireWithin,
        Tick,
        TickAgain,
        TickOnceMore,
    }

    [TestCase(HeartbeatRule.Reset)]
    [TestCase(HeartbeatRule.Decrement)]
    public void Tracker_AfterAnySequence_IsTheLiteralModel(HeartbeatRule rule) =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 4], GenOperations).Sample(
            (limit, suspectAfter, operations) => Compare(rule, limit, suspectAfter, operations), iter: Sequences);

    private static void Compare(HeartbeatRule rule, int limit, int suspectAfter, (Operation Operation, string ClientId, int Number)[] operations)
    {
        var model = new LiteralModel(rule, suspectAfter == 0 ? null : suspectAfter);
        var ticks = new ManualTickSource();
        var time = new FakeTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule, ExpireAfter = limit, SuspectAfter = suspectAfter }, ticks, time);
        var changes = new ConcurrentQueue<PresenceChange>();
        using IDisposable registration = tracker.OnChange(PresenceChanges.All, change =>
        {
            changes.Enqueue(change);
            return default;
        });
        var sessions = new Dictionary<int, SessionId>(); // by the model's number
        foreach ((int index, (Operation operation, string clientId, int number)) in operations.Index())
        {
            int? ownLimit = number == 0 ? null : number;
            int recent = Math.Max(0, sessions.Count - number);
            SessionId session = sessions.GetValueOrDefault(recent);
            switch (operation)
            {
                case Operation.Join:
                    sessions[model.Join(clientId, ownLimit ?? limit)] = tracker.Join(clientId, new JoinOptions { State = clientId, ExpireAfter = ownLimit }).Session;
                    break;
                case Operation.HeartbeatOrJoin:
                    int? begun = model.HeartbeatOrJoin(clientId, ownLimit ?? limit);
                    AssertSame(tracker.HeartbeatOrJoin(clientId, out SessionId joined, new JoinOptions { ExpireAfter = ownLimit }), begun is not null);
                    if (begun is not null)
                    {
                        sessions[begun.Value] = joined;
                    }

                    break;
                case Operation.SetState:
                    AssertSame(tracker.SetState(session, index), model.SetState(recent));
                    break;
                case Operation.JoinWithFirstLimit:
                    var options = new JoinOptions { State = clientId, FirstExpireAfter = number + 1 };
                    sessions[model.Join(clientId, limit, number + 1)] = tracker.Join(clientId, options).Session;
                    break;
                case Operation.SetExpireAfter:
                    int newLimit = 1 + (index % 7);
                    AssertSame(tracker.SetExpireAfter(session, newLimit), model.SetExpireAfter(recent, newLimit));
                    break;
                case Operation.ExpireWithin:
                    int notice = 1 + (index % 4);
                    AssertSame(tracker.ExpireWithin(session, notice), model.ExpireWithin(recent, notice));
                    break;
                case Operation.TryJoin:
                    TryJoin(new JoinOptions { State = clientId, ExpireAfter = ownLimit }, model.TryJoin(clientId, ownLimit ?? limit));
                    break;
                case Operation.Resume:
                    TryJoin(new JoinOptions { State = clientId, Replaces = session }, model.Resume(clientId, recent, limit));
                    break;
                case Operation.LeaveById:
                    AssertSame(tracker.Leave(clientId), model.Leave(clientId));
                    break;
                case Operation.LeaveBySession:
                    AssertSame(tracker.Leave(session), model.Leave(recent));
                    break;
                case Operation.HeartbeatById:
                    AssertSame(tracker.Heartbeat(clientId), model.Heartbeat(clientId));
                    break;
                case Operation.HeartbeatBySession:
                    AssertSame(tracker.Heartbeat(session), model.Heartbeat(recent));
                    break;
                default:
                    model.Tick();
                    time.Advance(TimeSpan.FromSeconds(1));
                    ticks.Advance();
                    break;
            }

            AssertSameState(tracker, model, sessions, start);

            void TryJoin(JoinOptions options, int? expected)
            {
                AssertSame(tracker.TryJoin(clientId, options, out JoinResult result), expected is not null);
                if (expected is not null)
                {
                    sessions[expected.Value] = result.Session;
                }
            }
        }

        tracker.WhenCallbacksDoneAsync().GetAwaiter().GetResult();
        foreach (string clientId in ClientIds)
        {
            Assert.That(
                changes.Where(change => change.ClientId == clientId).Select(change => (change.Kind, change.Session)),
                Is.EqualTo(model.Changes.Where(change => change.ClientId == clientId).Select(change => (change.Kind, sessions[change.Session]))));
            PresenceChange[] ofClient = [.. changes.Where(change => change.ClientId == clientId)];
            Assert.That(
                ofClient.Select(change => change.Successor),
                Is.EqualTo(ofClient.Select((change, i) => change.Kind == PresenceChanges.Replaced ? ofClient[i + 1].Session : SessionId.None)));
            Assert.That( // of suspicions, which are told later, it is that of then
                changes.Where(change => change.ClientId == clientId && (change.Kind & (PresenceChanges.Suspected | PresenceChanges.Recovered)) == 0).Select(change => change.LastSeen),
                Is.EqualTo(model.Changes
                    .Where(change => change.ClientId == clientId && (change.Kind & (PresenceChanges.Suspected | PresenceChanges.Recovered)) == 0)
                    .Select(change => start + TimeSpan.FromSeconds(change.LastSeen))));
        }
    }

    private static void AssertSame(bool answer, bool expected)
    {
        if (answer != expected)
        {
            Assert.Fail($"answered {answer} instead of {expected}");
        }
    }

    /// <summary>Compares by hand: a constraint for each of some million states would take minutes.</summary>
    private static void AssertSameState(PresenceTracker tracker, LiteralModel model, Dictionary<int, SessionId> sessions, DateTimeOffset start)
    {
        IReadOnlyList<ClientStatus> all = tracker.Snapshot();
        var lastSeen = new HashSet<(string, DateTimeOffset)>(all.Select(status => (status.ClientId, status.LastSeen)));
        if (!lastSeen.SetEquals(model.LastSeen.Select(client => (client.ClientId, start + TimeSpan.FromSeconds(client.Tick)))))
        {
            Assert.Fail($"last seen, tracker: {string.Join(' ', lastSeen)}; model: {string.Join(' ', model.LastSeen)}");
        }

        var online = new HashSet<(string, SessionId, int)>(all.Select(status => (status.ClientId, status.Session, status.Count)));
        bool isSame = online.SetEquals(model.Counts.Select(client => (client.ClientId, sessions[client.Session], client.Count)));
        if (!isSame || tracker.OnlineCount != online.Count)
        {
            Assert.Fail($"tracker: {tracker.OnlineCount}: {string.Join(' ', online)}; model: {string.Join(' ', model.Counts)}");
        }
    }
}
