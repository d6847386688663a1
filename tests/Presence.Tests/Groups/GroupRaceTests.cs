using System.Collections.Concurrent;
using CsCheck;

namespace Presence.Tests.Groups;

/// <summary>Whatever races: a group's edges alternate, and its members come and go between them.</summary>
[TestFixture]
public sealed class GroupRaceTests
{
    /// <summary>Two sessions of one group that enter and leave at once: there is an order in which the answers and the end are those of a set.</summary>
    [Test]
    public void OneGroup_UnderConcurrentCallsOfTwoSessions_IsASetInSomeOrder()
    {
        var entersAndLeaves = new[]
        {
            Gen.Const(0).Operation<Actual, HashSet<int>>((actual, _) => actual.Enter(0), (set, _) => set.Add(0)),
            Gen.Const(0).Operation<Actual, HashSet<int>>((actual, _) => actual.Enter(1), (set, _) => set.Add(1)),
            Gen.Const(0).Operation<Actual, HashSet<int>>((actual, _) => actual.Leave(0), (set, _) => set.Remove(0)),
            Gen.Const(0).Operation<Actual, HashSet<int>>((actual, _) => actual.Leave(1), (set, _) => set.Remove(1)),
        };
        Gen.Const(0).Select(_ => (new Actual(), new HashSet<int>())).SampleParallel(
            entersAndLeaves,
            equal: (actual, set) => actual.State() == string.Join(' ', set.Order()) + (set.Count > 0 ? " occupied" : " vacated"),
            printActual: actual => actual.State(),
            maxSequentialOperations: 3,
            maxParallelOperations: 6,
            threads: 2,
            iter: TestScale.Of(500, 15_000));
    }

    [Test]
    public async Task Groups_UnderEverythingAtOnce_AlternateTheirEdgesAndTellMembersBetween()
    {
        const int Keys = 12;
        const int Clients = 40;
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 2, MassExpiryShare = 1, GroupLinger = 1 }, ticks);
        var told = new ConcurrentDictionary<string, List<PresenceChange>>();
        for (int registration = 0; registration < 2; registration++)
        {
            bool isFirst = registration == 0;
            tracker.OnChange(PresenceChanges.All, async change =>
            {
                if (change.Group is { } group && isFirst)
                {
                    told.GetOrAdd(group, _ => []).Add(change); // one at a time for a group, so no lock
                }

                if ((change.Session.Value & 7) == 0)
                {
                    await Task.Yield();
                }
            });
        }

        Task[] callers = [.. Enumerable.Range(0, 3).Select(seed => Task.Factory.StartNew(() => Call(new Random(seed)), TaskCreationOptions.LongRunning))];
        Task calls = Task.WhenAll(callers);
        while (!calls.IsCompleted)
        {
            ticks.Advance();
            Thread.SpinWait(5_000);
        }

        await calls;
        await tracker.WhenCallbacksDoneAsync();
        Dictionary<string, HashSet<SessionId>> live = Enumerable.Range(0, Keys).ToDictionary(
            key => $"group {key}", key => tracker.Groups.Members($"group {key}").Select(member => member.Client.Session).ToHashSet());
        int edges = told.Sum(group => group.Value.Count(change => (change.Kind & (PresenceChanges.Occupied | PresenceChanges.Vacated)) != 0));
        TestContext.Out.WriteLine($"{edges} edges, {told.Sum(group => group.Value.Count)} changes");
        Assert.That(edges, Is.GreaterThan(100));
        foreach ((string group, List<PresenceChange> changes) in told)
        {
            Assert.That(Fault(changes, live[group], tracker.Groups.IsOccupied(group)), Is.Null, group);
        }

        void Call(Random random)
        {
            for (int i = 0; i < TestScale.Of(60_000, 1_200_000); i++)
            {
                string clientId = $"client {random.Next(Clients)}";
                string group = $"group {random.Next(Keys)}";
                SessionId session = tracker.TryGetClient(clientId, out ClientStatus status) ? status.Session : default;
                switch (random.Next(8))
                {
                    case 0:
                        tracker.Groups.Enter(tracker.Join(clientId).Session, group, linger: random.Next(3));
                        break;
                    case 1:
                        tracker.Leave(clientId);
                        break;
                    case 2 or 3:
                        tracker.Groups.Enter(session, group, state: i);
                        break;
                    case 4 or 5:
                        tracker.Groups.Leave(session, group);
                        break;
                    case 6:
                        tracker.Groups.Update(session, group, i);
                        break;
                    default:
                        tracker.Heartbeat(clientId);
                        break;
                }
            }
        }
    }

    private static string? Fault(List<PresenceChange> changes, HashSet<SessionId> live, bool isOccupied)
    {
        var members = new HashSet<SessionId>();
        bool occupied = false;
        foreach (PresenceChange change in changes)
        {
            bool isRight = change.Kind switch
            {
                PresenceChanges.Occupied => !occupied && (occupied = true),
                PresenceChanges.EnteredGroup => occupied && members.Add(change.Session),
                PresenceChanges.Updated => occupied && members.Contains(change.Session),
                PresenceChanges.LeftGroup => occupied && members.Remove(change.Session),
                _ => occupied && members.Count == 0 && !(occupied = false),
            };
            if (!isRight)
            {
                return $"{change.Kind} of {change.ClientId} with {members.Count} members, {(occupied ? "occupied" : "vacated")}";
            }
        }

        return !members.SetEquals(live) ? $"told {members.Count} members, there are {live.Count}" : occupied != isOccupied ? "the last edge is not what is" : null;
    }

    private sealed class Actual
    {
        private readonly PresenceTracker _tracker = new(tickSource: new ManualTickSource());
        private readonly SessionId[] _sessions;

        public Actual() => _sessions = [_tracker.Join("a").Session, _tracker.Join("b").Session];

        public void Enter(int session) => _tracker.Groups.Enter(_sessions[session], "group");

        public void Leave(int session) => _tracker.Groups.Leave(_sessions[session], "group");

        public string State() =>
            string.Join(' ', _tracker.Groups.Members("group").Select(member => Array.IndexOf(_sessions, member.Client.Session)).Order())
            + (_tracker.Groups.IsOccupied("group") ? " occupied" : " vacated");
    }
}
