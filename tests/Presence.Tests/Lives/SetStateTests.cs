namespace Presence.Tests.Lives;

[TestFixture]
public sealed class SetStateTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private List<(PresenceChanges Kind, object? State)> _told = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
        _told = [];
        _tracker.OnChange(PresenceChanges.All & ~PresenceChanges.Suspected, change =>
        {
            _told.Add((change.Kind, change.State)); // of one client, so one after another
            return default;
        });
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public async Task SetState_OfASessionThatIsOnline_IsToldInOrder()
    {
        SessionId session = _tracker.Join("zhangsan", "here").Session;

        Assert.That(_tracker.SetState(session, "away"), Is.True);

        Assert.That(_tracker.TryGetClient("zhangsan", out ClientStatus status) ? (status.Session, status.State, status.Count) : default, Is.EqualTo((session, "away", 0)));
        _tracker.SetState(session, null);
        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_told, Is.EqualTo(new (PresenceChanges, object?)[]
        {
            (PresenceChanges.Joined, "here"), (PresenceChanges.Updated, "away"), (PresenceChanges.Updated, null), (PresenceChanges.Expired, null),
        }));
    }

    [Test]
    public async Task SetState_OfASessionThatIsOver_ChangesAndTellsNothing([Values("left", "expired", "replaced", "none")] string how)
    {
        SessionId session = how == "none" ? SessionId.None : _tracker.Join("zhangsan", "old").Session;
        switch (how)
        {
            case "left":
                _tracker.Leave(session);
                break;
            case "expired":
                _ticks.Advance(6);
                break;
            default:
                _tracker.Join("zhangsan", "new");
                break;
        }

        Assert.That(_tracker.SetState(session, "later"), Is.False);
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_told.Select(change => change.Kind), Has.No.Member(PresenceChanges.Updated));
        Assert.That(_tracker.Snapshot().Select(status => status.State), Has.No.Member("later"));
    }

    [Test]
    public void SetState_Disposed_Throws()
    {
        _tracker.Dispose();

        Assert.That(() => _tracker.SetState(new SessionId(1), null), Throws.InstanceOf<ObjectDisposedException>());
    }

    /// <summary>Whoever else sets it, ends the session or beats: each state that was set is told once, in between its join and its end, and the end has the last of them.</summary>
    [Test]
    public async Task SetState_WhileTheClientJoinsAgainAndAgain_IsToldWithinItsSession()
    {
        int rounds = TestScale.Of(20_000, 400_000);
        SessionId current = _tracker.Join("zhangsan", 0).Session;
        var changes = new List<PresenceChange>();
        using IDisposable registration = _tracker.OnChange(PresenceChanges.All, change =>
        {
            changes.Add(change);
            return default;
        });
        int set = 0;
        bool isDone = false;
        Task setting = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isDone))
                {
                    set += _tracker.SetState(_tracker.TryGetClient("zhangsan", out ClientStatus status) ? status.Session : default, set + 1) ? 1 : 0;
                }
            },
            TaskCreationOptions.LongRunning);
        for (int round = 0; round < rounds; round++)
        {
            _tracker.Join("zhangsan", 0);
        }

        Volatile.Write(ref isDone, true);
        await setting;
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(changes.Count(change => change.Kind == PresenceChanges.Updated), Is.EqualTo(set));
        int wrong = 0;
        (SessionId Session, object? State) live = (current, 0);
        foreach (PresenceChange change in changes)
        {
            wrong += change.Kind switch
            {
                PresenceChanges.Joined => 0,
                PresenceChanges.Updated => change.Session == live.Session ? 0 : 1,
                _ => (change.Session, change.State).Equals(live) ? 0 : 1,
            };
            live = (change.Session, change.State);
        }

        Assert.That(wrong, Is.Zero);
    }
}
