using System.Collections.Concurrent;
using CsCheck;
using Presence.Tests.Rules;

namespace Presence.Tests.Groups;

/// <summary>The tracker's groups against sets: same members, same answers, and for each group the same told in the same order, always.</summary>
[TestFixture]
public sealed class LiteralGroupsTests
{
    private const int Limit = 3;

    private static readonly string[] ClientIds = ["tab 1", "tab 2", "phone", "tv"];
    private static readonly string[] Keys = ["zhangsan", "room", "tenant"];
    private static readonly object?[] States = [null, "typing", "away"];

    private enum Operation
    {
        Join,
        Leave,
        Enter,
        EnterAgain,
        LeaveGroup,
        Update,
        Heartbeat,
        Tick,
        TickAgain,
    }

    private static readonly Gen<(Operation Operation, int Client, int Key, int State, int Linger)[]> GenOperations = Gen.Select(
        Gen.Enum<Operation>(), Gen.Int[0, ClientIds.Length - 1], Gen.Int[0, Keys.Length - 1], Gen.Int[0, States.Length - 1], Gen.Int[-1, 4]).Array[1, 60];

    [Test]
    public void Groups_AfterAnySequence_AreTheLiteralOnes() => GenOperations.Sample(Compare, iter: TestScale.Of(1_500, 300_000));

    private static void Compare((Operation Operation, int Client, int Key, int State, int Linger)[] operations)
    {
        var model = new LiteralGroups();
        var sessions = new LiteralModel(HeartbeatRule.Reset);
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = Limit, MassExpiryShare = 1 }, ticks);
        var told = new ConcurrentQueue<PresenceChange>();
        tracker.OnChange(PresenceChanges.All, change =>
        {
            told.Enqueue(change);
            return default;
        });
        foreach ((Operation operation, int client, int keyIndex, int stateIndex, int lingerOrNone) in operations)
        {
            (string clientId, string key, object? state, int? linger) = (ClientIds[client], Keys[keyIndex], States[stateIndex], lingerOrNone < 0 ? null : lingerOrNone);
            SessionId session = tracker.TryGetClient(clientId, out ClientStatus status) ? status.Session : default;
            bool isOnline = sessions.Counts.Any(count => count.ClientId == clientId);
            switch (operation)
            {
                case Operation.Join:
                    model.LeaveAll(clientId);
                    sessions.Join(clientId, Limit);
                    tracker.Join(clientId);
                    break;
                case Operation.Leave:
                    model.LeaveAll(clientId);
                    sessions.Leave(clientId);
                    tracker.Leave(clientId);
                    break;
                case Operation.Enter or Operation.EnterAgain:
                    AssertSame(tracker.Groups.Enter(session, key, state, linger), isOnline);
                    if (isOnline)
                    {
                        model.Enter(clientId, key, state, linger);
                    }

                    break;
                case Operation.LeaveGroup:
                    AssertSame(tracker.Groups.Leave(session, key, linger), model.Leave(clientId, key, linger));
                    break;
                case Operation.Update:
                    AssertSame(tracker.Groups.Update(session, key, state), model.Update(clientId, key, state));
                    break;
                case Operation.Heartbeat:
                    sessions.Heartbeat(clientId);
                    tracker.Heartbeat(clientId);
                    break;
                default:
                    string[] before = [.. sessions.Counts.Select(count => count.ClientId)];
                    sessions.Tick();
                    model.Tick(before.Except(sessions.Counts.Select(count => count.ClientId)));
                    ticks.Advance();
                    tracker.WhenCallbacksDoneAsync().GetAwaiter().GetResult(); // ends are seen to off the tick, and groups linger from then on
                    break;
            }

            AssertSameState(tracker, model);
        }

        tracker.WhenCallbacksDoneAsync().GetAwaiter().GetResult();
        foreach (string key in Keys)
        {
            Assert.That(
                Sorted(told.Where(change => change.Group == key).Select(change => (change.Kind, change.ClientId, change.GroupState))),
                Is.EqualTo(Sorted(model.Told.GetValueOrDefault(key, []))),
                key);
        }
    }

    /// <summary>Of those who expire in one tick any may leave first.</summary>
    private static List<(PresenceChanges Kind, string ClientId, object? State)> Sorted(IEnumerable<(PresenceChanges Kind, string ClientId, object? State)> told)
    {
        var sorted = new List<(PresenceChanges, string, object?)>();
        var leaving = new List<(PresenceChanges Kind, string ClientId, object? State)>();
        foreach ((PresenceChanges Kind, string ClientId, object? State) change in told)
        {
            if (change.Kind == PresenceChanges.LeftGroup)
            {
                leaving.Add(change);
                continue;
            }

            sorted.AddRange(leaving.OrderBy(left => left.ClientId, StringComparer.Ordinal));
            leaving.Clear();
            sorted.Add(change.Kind == PresenceChanges.Vacated ? (change.Kind, "whoever was last", null) : change);
        }

        return [.. sorted, .. leaving.OrderBy(left => left.ClientId, StringComparer.Ordinal)];
    }

    private static void AssertSame(bool answer, bool expected)
    {
        if (answer != expected)
        {
            Assert.Fail($"answered {answer} instead of {expected}");
        }
    }

    private static void AssertSameState(PresenceTracker tracker, LiteralGroups model)
    {
        foreach (string key in Keys)
        {
            var members = tracker.Groups.Members(key).Select(member => (member.Client.ClientId, member.State)).ToHashSet();
            if (!members.SetEquals(model.Members(key)) || tracker.Groups.Count(key) != members.Count || tracker.Groups.IsOccupied(key) != model.IsOccupied(key))
            {
                Assert.Fail($"{key}: {string.Join(' ', members)}; model: {string.Join(' ', model.Members(key))}");
            }
        }

        foreach (ClientStatus client in tracker.Snapshot())
        {
            if (!tracker.Groups.GroupsOf(client.Session).ToHashSet().SetEquals(model.GroupsOf(client.ClientId)))
            {
                Assert.Fail($"groups of {client.ClientId}");
            }
        }
    }
}
