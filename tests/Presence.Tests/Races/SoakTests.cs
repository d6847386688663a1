using System.Collections.Concurrent;

namespace Presence.Tests.Races;

/// <summary>Everything at once from several threads, and what must be true of it afterwards.</summary>
[TestFixture]
public sealed class SoakTests
{
    private const int Threads = 4;
    private static readonly int CallsPerThread = TestScale.Of(300_000, 6_000_000);
    private const int Clients = 50;

    [TestCase(HeartbeatRule.Reset)]
    [TestCase(HeartbeatRule.Decrement)]
    public async Task Tracker_UnderJoinsHeartbeatsLeavesReplacesAndTicks_EndsEachSessionOnce(HeartbeatRule rule)
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule, ExpireAfter = 3, SuspectAfter = 1 }, ticks);
        var joined = new ConcurrentDictionary<SessionId, string>();
        var told = new ConcurrentQueue<PresenceChange>();
        var expirations = new ConcurrentQueue<SessionId>();
        using IDisposable all = tracker.OnChange(PresenceChanges.All, change =>
        {
            told.Enqueue(change);
            return default;
        });
        using IDisposable expired = tracker.OnClientExpired(change =>
        {
            expirations.Enqueue(change.Session);
            return default;
        });

        Task[] callers = [.. Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() => Call(thread), TaskCreationOptions.LongRunning))];
        Task calls = Task.WhenAll(callers);
        while (!calls.IsCompleted)
        {
            ticks.Advance();
        }

        await calls;
        IReadOnlyList<ClientStatus> left = tracker.Snapshot();
        await tracker.WhenCallbacksDoneAsync();

        ILookup<SessionId, PresenceChanges> ends = told.Where(change => (change.Kind & PresenceChanges.Ended) != 0).ToLookup(change => change.Session, change => change.Kind);
        TestContext.Out.WriteLine($"{joined.Count} joins; ends: {string.Join(", ", ends.SelectMany(end => end).CountBy(kind => kind))}; online: {left.Count}");
        Assert.Multiple(() =>
        {
            Assert.That(ends.Count + left.Count, Is.EqualTo(joined.Count), "joins = ends + online");
            Assert.That(ends.Where(end => end.Count() != 1), Is.Empty, "each session ends once");
            Assert.That(ends.Select(end => end.Key).Intersect(left.Select(status => status.Session)), Is.Empty, "none both ended and online");
            Assert.That(tracker.OnlineCount, Is.EqualTo(left.Count), "count = snapshot");
            Assert.That(expirations.CountBy(session => session).Where(session => session.Value != 1), Is.Empty, "one expiry callback each");
            Assert.That(expirations.ToHashSet().SetEquals(ends.Where(end => end.Contains(PresenceChanges.Expired)).Select(end => end.Key)), "for those that expired");
            Assert.That(told.Count(change => change.Kind == PresenceChanges.Joined), Is.EqualTo(joined.Count));
            Assert.That(told.Where(change => joined[change.Session] != change.ClientId), Is.Empty, "every change names the session's own client");
        });
        AssertChangesAlternate(told);
        Assert.That(joined.Keys.Where(tracker.Heartbeat), Is.EquivalentTo(left.Select(status => status.Session)), "closed sessions stay closed");

        void Call(int seed)
        {
            var random = new Random(seed);
            SessionId last = SessionId.None;
            for (int i = 0; i < CallsPerThread; i++)
            {
                string clientId = $"client {random.Next(Clients)}";
                switch (random.Next(12))
                {
                    case 0:
                        joined[last = tracker.Join(clientId).Session] = clientId;
                        break;
                    case 1:
                        if (tracker.TryJoin(clientId, out SessionId session))
                        {
                            joined[last = session] = clientId;
                        }

                        break;
                    case 2:
                        tracker.Leave(clientId);
                        break;
                    case 3:
                        tracker.Leave(last);
                        break;
                    case < 8:
                        tracker.Heartbeat(last);
                        break;
                    default:
                        tracker.Heartbeat(clientId);
                        break;
                }
            }
        }
    }

    /// <summary>For one client id, in the order told: joined, suspected and recovered in turn, ended; and always the same session.</summary>
    private static void AssertChangesAlternate(IEnumerable<PresenceChange> told)
    {
        foreach (IGrouping<string, PresenceChange> client in told.GroupBy(change => change.ClientId))
        {
            SessionId online = SessionId.None;
            bool isSuspect = false;
            foreach (PresenceChange change in client)
            {
                bool isJoin = change.Kind == PresenceChanges.Joined;
                bool isSuspicion = (change.Kind & (PresenceChanges.Suspected | PresenceChanges.Recovered)) != 0;
                if (online != (isJoin ? SessionId.None : change.Session) || (isSuspicion && isSuspect != (change.Kind == PresenceChanges.Recovered)))
                {
                    Assert.Fail($"out of order: {change}");
                }

                isSuspect = change.Kind == PresenceChanges.Suspected;
                online = isJoin || isSuspicion ? change.Session : SessionId.None;
            }
        }
    }
}
