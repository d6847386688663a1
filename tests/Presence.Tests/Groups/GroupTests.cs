using System.Collections.Concurrent;

namespace Presence.Tests.Groups;

[TestFixture]
public sealed class GroupTests
{
    private const PresenceChanges OfGroups =
        PresenceChanges.Occupied | PresenceChanges.EnteredGroup | PresenceChanges.Updated | PresenceChanges.LeftGroup | PresenceChanges.Vacated;

    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private ConcurrentQueue<string> _told = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
        _told = new ConcurrentQueue<string>();
        _tracker.OnChange(OfGroups, change =>
        {
            _told.Enqueue($"{change.Kind} {change.Group} {change.ClientId} {change.GroupState}".TrimEnd());
            return default;
        });
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public async Task Enter_OfTwoTabs_TellsTheUserOnlineOnceAndOfflineOnce()
    {
        SessionId first = Join("tab 1");
        SessionId second = Join("tab 2");
        _tracker.Groups.Enter(first, "zhangsan");
        _tracker.Groups.Enter(second, "zhangsan");
        _tracker.Leave(first);
        Assert.That(_tracker.Groups.IsOccupied("zhangsan"));
        _tracker.Leave(second);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_told, Is.EqualTo(new[]
        {
            "Occupied zhangsan tab 1", "EnteredGroup zhangsan tab 1", "EnteredGroup zhangsan tab 2", "LeftGroup zhangsan tab 1", "LeftGroup zhangsan tab 2",
            "Vacated zhangsan tab 2",
        }));
        Assert.That((_tracker.Groups.IsOccupied("zhangsan"), _tracker.Groups.Count("zhangsan")), Is.EqualTo((false, 0)));
    }

    /// <summary>A page that is loaded again under the same connection id: the user was online throughout.</summary>
    [Test]
    public async Task Join_WithGroupsThatTheReplacedSessionWasIn_TellsNoEdge()
    {
        var options = new JoinOptions { Groups = ["zhangsan", "room"], State = "tab" };
        _tracker.Join("tab", options);
        _tracker.Join("tab", options);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_told.Where(told => told.Contains("zhangsan", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "Occupied zhangsan tab", "EnteredGroup zhangsan tab", "EnteredGroup zhangsan tab", "LeftGroup zhangsan tab",
        }));
        Assert.That(_tracker.Groups.Members("room").Single().Client.State, Is.EqualTo("tab"));
    }

    [Test]
    public void Join_WithGroupsTwiceOrWrongOnes_EntersOnceOrThrowsAndChangesNothing()
    {
        _tracker.Join("tab", new JoinOptions { Groups = ["room", "room"], Linger = 2 });
        Assert.That(_tracker.Groups.Count("room"), Is.EqualTo(1));
        Assert.That(() => _tracker.Join("other", new JoinOptions { Groups = ["room", ""] }), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => _tracker.Join("other", new JoinOptions { Groups = ["room"], Linger = -1 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That((_tracker.OnlineCount, _tracker.Groups.Count("room")), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Session_HoweverItEnds_LeavesAllItsGroups([Values("leave", "expire", "replace", "dispose")] string end)
    {
        SessionId session = Join("a");
        string[] groups = [.. Enumerable.Range(0, 20).Select(i => $"group {i}")];
        Array.ForEach(groups, group => _tracker.Groups.Enter(session, group, linger: end == "dispose" ? 100 : null));
        Assert.That(_tracker.Groups.GroupsOf(session), Is.EquivalentTo(groups));
        switch (end)
        {
            case "leave":
                _tracker.Leave(session);
                break;
            case "expire":
                _ticks.Advance(6);
                break;
            case "replace":
                _tracker.Join("a");
                break;
            default:
                await _tracker.DisposeAsync();
                break;
        }

        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_told.Count(told => told.StartsWith("Vacated", StringComparison.Ordinal)), Is.EqualTo(20));
        Assert.That(groups.Where(_tracker.Groups.IsOccupied), Is.Empty);
        Assert.That(_tracker.Groups.GroupsOf(session), Is.Empty);
    }

    [Test]
    public void Reads_OfAGroup_HaveItsMembersWithTheirStates()
    {
        SessionId a = Join("a");
        SessionId b = Join("b");
        _tracker.Groups.Enter(a, "room", "typing");
        _tracker.Groups.Enter(b, "room");
        _tracker.Groups.Enter(b, "other");
        _ticks.Advance();

        Assert.That(
            _tracker.Groups.Members("room").Select(member => (member.Client.ClientId, member.Client.Session, member.Client.Count, member.State)),
            Is.EquivalentTo(new[] { ("a", a, 1, (object?)"typing"), ("b", b, 1, null) }));
        Assert.That((_tracker.Groups.Count("room"), _tracker.Groups.Count("other"), _tracker.Groups.Count("none")), Is.EqualTo((2, 1, 0)));
        Assert.That(_tracker.Groups.Occupied(["none", "other", "nobody", "room"]), Is.EqualTo(new[] { "other", "room" }));
        Assert.That(_tracker.Groups.GroupsOf(b), Is.EquivalentTo(new[] { "room", "other" }));
        Assert.That(_tracker.Groups.Members("none"), Is.Empty);
    }

    [Test]
    public void Members_OfWhomOneIsOver_LeaveHimOutBeforeHisEndIsSeenTo()
    {
        SessionId a = Join("a");
        _tracker.Groups.Enter(a, "room");
        _ticks.Advance(5);
        SessionId b = Join("b");
        _tracker.Groups.Enter(b, "room");
        _ticks.Advance();

        Assert.That(_tracker.Groups.Members("room").Select(member => member.Client.ClientId), Is.EqualTo(new[] { "b" }));
        Assert.That(_tracker.Groups.Enter(a, "other"), Is.False);
    }

    [Test]
    public async Task Update_OfAMembersState_IsToldWithoutLeaveAndEnter()
    {
        SessionId a = Join("a");
        _tracker.Groups.Enter(a, "room");
        Assert.That(_tracker.Groups.Update(a, "room", "typing"));
        Assert.That(_tracker.Groups.Update(a, "room", null));
        Assert.That(_tracker.Groups.Update(a, "other", "typing"), Is.False);
        _tracker.Groups.Enter(a, "room", "away");
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_told, Is.EqualTo(new[] { "Occupied room a", "EnteredGroup room a", "Updated room a typing", "Updated room a", "Updated room a away" }));
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task Leave_OfTheLastWithALinger_VacatesAtTheTickAtWhichItIsOver(int linger)
    {
        _tracker.Groups.Enter(Join("a"), "zhangsan", linger: linger);
        _tracker.Leave("a");
        _ticks.Advance(linger - 1);
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That((_told.Count, _tracker.Groups.IsOccupied("zhangsan"), _tracker.Groups.Count("zhangsan")), Is.EqualTo((3, true, 0)), "just before");

        _ticks.Advance();
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That((_told.Last(), _tracker.Groups.IsOccupied("zhangsan")), Is.EqualTo(("Vacated zhangsan a", false)), "exactly at");
    }

    [Test]
    public async Task Leave_OfTheLastWhoComesBackWithinTheLinger_TellsNoEdge()
    {
        _tracker.Groups.Enter(Join("a"), "zhangsan", linger: 3);
        for (int reload = 0; reload < 3; reload++)
        {
            _tracker.Leave("a");
            _ticks.Advance(2);
            _tracker.Groups.Enter(Join("a"), "zhangsan");
            _ticks.Advance(2);
            _tracker.Heartbeat("a");
        }

        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_told.Where(told => told.StartsWith("Occ", StringComparison.Ordinal) || told.StartsWith("Vac", StringComparison.Ordinal)), Has.Exactly(1).Items);
    }

    [Test]
    public async Task Leave_WithALingerOfItsOwn_OverridesTheGroups()
    {
        SessionId a = Join("a");
        _tracker.Groups.Enter(a, "zhangsan", linger: 100);
        _tracker.Groups.Leave(a, "zhangsan", linger: 0); // a logout
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_told.Last(), Is.EqualTo("Vacated zhangsan a"));
    }

    [Test]
    public void Linger_DoesNotCountTicksThatAreWithheld()
    {
        using PresenceTracker tracker = new(new PresenceOptions { GroupLinger = 2, MaxWithheldTicks = 5 }, _ticks);
        tracker.Groups.Enter(tracker.Join("a").Session, "zhangsan");
        tracker.Leave("a");
        _ticks.AdvanceLate(TimeSpan.FromSeconds(5));
        _ticks.AdvanceLate(TimeSpan.FromSeconds(5));
        _ticks.Advance();
        Assert.That(tracker.Groups.IsOccupied("zhangsan"));
        _ticks.Advance();
        Assert.That(tracker.Groups.IsOccupied("zhangsan"), Is.False);
    }

    [Test]
    public void Members_WithAWrongGroup_Throw([Values(null, "", "257")] string? given)
    {
        string group = given == "257" ? new string('x', 257) : given!;
        SessionId a = Join("a");
        Assert.Multiple(() =>
        {
            Assert.That(() => _tracker.Groups.Enter(a, group), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => _tracker.Groups.Leave(a, group), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => _tracker.Groups.Update(a, group, 1), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => _tracker.Groups.Watch(group), Throws.InstanceOf<ArgumentException>());
        });
        Assert.That(() => _tracker.Groups.Enter(a, "x", linger: -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _tracker.Groups.Enter(a, "x", linger: PresenceOptions.MaxExpireAfter + 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_tracker.Groups.Enter(a, new string('x', 256)));
    }

    [Test]
    public void Members_OfANobody_AnswerNo()
    {
        SessionId gone = Join("a");
        _tracker.Leave(gone);
        foreach (SessionId session in new[] { gone, SessionId.None, new SessionId(ulong.MaxValue) })
        {
            Assert.That((_tracker.Groups.Enter(session, "x"), _tracker.Groups.Leave(session, "x"), _tracker.Groups.Update(session, "x", 1)), Is.EqualTo((false, false, false)));
            Assert.That(_tracker.Groups.GroupsOf(session), Is.Empty);
        }
    }

    [Test]
    public void Enter_AfterDispose_Throws()
    {
        SessionId a = Join("a");
        _tracker.Dispose();
        Assert.That(() => _tracker.Groups.Enter(a, "x"), Throws.InstanceOf<ObjectDisposedException>());
    }

    private SessionId Join(string clientId) => _tracker.Join(clientId).Session;
}
