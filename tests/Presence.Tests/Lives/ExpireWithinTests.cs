namespace Presence.Tests.Lives;

[TestFixture]
public sealed class ExpireWithinTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private List<(PresenceChanges Kind, int Count)> _told = null!;

    [SetUp]
    public void SetUp() => SetUp(new PresenceOptions());

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [TestCase(1, 0, 1)]
    [TestCase(3, 0, 3)]
    [TestCase(3, 1, 4)]
    [TestCase(3, 4, 6)]
    [TestCase(60, 0, 6)]
    public async Task ExpireWithin_WithoutAHeartbeat_EndsAtThatTickOrAtItsLimitBefore(int notice, int ticksBefore, int end)
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _ticks.Advance(ticksBefore);

        Assert.That(_tracker.ExpireWithin(session, notice), Is.True);

        _ticks.Advance(end - 1 - ticksBefore);
        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Count), Is.EqualTo((true, end - 1)));
        _ticks.Advance();
        Assert.That((_tracker.TryGetClient("zhangsan", out _), _tracker.OnlineCount, _tracker.Heartbeat(session)), Is.EqualTo((false, 0, false)));
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_told[^1], Is.EqualTo((PresenceChanges.Expired, end)));
    }

    /// <summary>A notice counts from when it was given, whatever else would have ended the session when.</summary>
    [TestCase(6, 1_000, 6)]
    [TestCase(8, 1_000, 8)]
    [TestCase(8, 3, 4)]
    public void ExpireWithin_ThenAnotherLimit_HoldsAllTheSame(int notice, int limit, int end)
    {
        SessionId session = _tracker.Join("zhangsan").Session; // with a limit of 5

        _tracker.ExpireWithin(session, notice);
        _tracker.SetExpireAfter(session, limit);

        _ticks.Advance(end - 1);
        Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
        _ticks.Advance();
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    /// <summary>As if there had been no notice: the count is what it would be, and nothing was told.</summary>
    [Test]
    public async Task Heartbeat_OnShortNotice_UndoesItWholly([Values] HeartbeatRule rule, [Values] bool byId, [Range(0, 2)] int ticksBefore)
    {
        SetUp(new PresenceOptions { Rule = rule, ExpireAfter = 10, SuspectAfter = 3 });
        SessionId session = _tracker.Join("zhangsan").Session;
        _ticks.Advance(ticksBefore);
        _tracker.ExpireWithin(session, 3);
        _ticks.Advance(2);

        Assert.That(byId ? _tracker.Heartbeat("zhangsan") : _tracker.Heartbeat(session), Is.True);

        int count = rule == HeartbeatRule.Reset ? 0 : ticksBefore + 1;
        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Session, status.Count, status.ExpireAfter), Is.EqualTo((true, session, count, 10)));
        _ticks.Advance(3 - count);
        await _tracker.WhenCallbacksDoneAsync();
        Assert.That((_tracker.OnlineCount, _told), Is.EqualTo((1, new[] { (PresenceChanges.Joined, 0) })));
    }

    /// <summary>A heartbeat in the tick of the notice, after one in the same tick before it, leaves the word as that had written it; and is one nevertheless.</summary>
    [Test]
    public void Heartbeat_InTheTickOfTheNotice_Counts([Values] HeartbeatRule rule, [Values(3, 5, 60)] int notice)
    {
        SetUp(new PresenceOptions { Rule = rule });
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.Heartbeat(session);
        _tracker.ExpireWithin(session, notice);
        _tracker.Heartbeat(session);

        _ticks.Advance(5);

        Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
    }

    [Test]
    public async Task ExpireWithin_LongerThanSuspicionTakes_TellsNoSuspicion()
    {
        SetUp(new PresenceOptions { ExpireAfter = 10, SuspectAfter = 1 });
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.ExpireWithin(session, 5);
        _ticks.Advance(5);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_told, Is.EqualTo(new[] { (PresenceChanges.Joined, 0), (PresenceChanges.Expired, 5) }));
    }

    [Test]
    public async Task Heartbeat_OfASuspectOnShortNotice_TellsThatItRecovered()
    {
        SetUp(new PresenceOptions { ExpireAfter = 10, SuspectAfter = 1 });
        SessionId session = _tracker.Join("zhangsan").Session;
        _ticks.Advance(2);
        await _tracker.WhenCallbacksDoneAsync(); // what is told late is told with the count of then
        _tracker.ExpireWithin(session, 3);
        _ticks.Advance(2);
        _tracker.Heartbeat(session);
        _ticks.Advance();
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_told, Is.EqualTo(new[] { (PresenceChanges.Joined, 0), (PresenceChanges.Suspected, 2), (PresenceChanges.Recovered, 1) }));
    }

    [Test]
    public async Task Join_OnShortNotice_ReplacesItAndNobodyExpires()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.ExpireWithin(session, 1);

        Assert.That(_tracker.TryJoin("zhangsan", out _), Is.False, "it is online");
        Assert.That(_tracker.TryJoin("zhangsan", new JoinOptions { Replaces = session }, out JoinResult result), Is.True);
        _ticks.Advance(2);

        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_tracker.Heartbeat(result.Session), Is.True);
        Assert.That(_told.Select(change => change.Kind), Is.EqualTo(new[] { PresenceChanges.Joined, PresenceChanges.Replaced, PresenceChanges.Joined }));
    }

    [Test]
    public void ExpireWithin_WhileTicksAreWithheld_CountsThemNot()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.ExpireWithin(session, 2);
        using (_tracker.PauseExpiry())
        {
            _ticks.Advance(50);
        }

        _ticks.AdvanceLate(TimeSpan.FromSeconds(3));
        _ticks.Advance();
        Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
        _ticks.Advance();
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void ExpireWithin_OnceMore_TakesThePlaceOfTheFirst([Values(1, 4)] int second)
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.ExpireWithin(session, 2);
        _tracker.ExpireWithin(session, second);

        _ticks.Advance(second - 1);
        Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
        _ticks.Advance();
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void SetExpireAfter_OnShortNotice_LeavesTheNotice([Values] bool rescued)
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.ExpireWithin(session, 3);
        _tracker.SetExpireAfter(session, 60);
        _ticks.Advance(2);
        if (rescued)
        {
            _tracker.Heartbeat(session);
        }

        _ticks.Advance();

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.ExpireAfter), Is.EqualTo((rescued, rescued ? 60 : 0)));
    }

    [Test]
    public void ExpireWithin_BeforeTheFirstHeartbeat_EndsTheWaitForIt()
    {
        SessionId session = _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = 30 }).Session;
        _tracker.ExpireWithin(session, 3);

        _ticks.Advance(2);
        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Count, status.ExpireAfter), Is.EqualTo((true, 2, 30)));
        _ticks.Advance();
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    /// <summary>A guard that holds, rations or asks does so with them too.</summary>
    [Test]
    public async Task ExpireWithin_WhenTheHostIsAsked_AsksAboutIt()
    {
        SetUp(new PresenceOptions { ConfirmExpiry = (status, _) => ValueTask.FromResult(status.ClientId == "dead") });
        _tracker.ExpireWithin(_tracker.Join("dead").Session, 1);
        _tracker.ExpireWithin(_tracker.Join("alive").Session, 1);
        _ticks.Advance();
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_tracker.Snapshot().Select(status => (status.ClientId, status.Count)), Is.EqualTo(new[] { ("alive", 0) }));
    }

    [Test]
    public void ExpireWithin_OfMoreThanATickMaySeeTo_LeavesTheOthersForTheNext()
    {
        SetUp(new PresenceOptions { MaxExpirationsPerTick = 2 });
        for (int client = 0; client < 5; client++)
        {
            _tracker.ExpireWithin(_tracker.Join($"client {client}").Session, 1);
        }

        Assert.That(Enumerable.Range(0, 3).Select(_ => Tick()), Is.EqualTo(new[] { 3, 1, 0 }));

        int Tick()
        {
            _ticks.Advance();
            return _tracker.OnlineCount;
        }
    }

    [TestCase(0)]
    [TestCase(PresenceOptions.MaxExpireAfter + 1)]
    public void ExpireWithin_OutOfRange_Throws(int notice)
    {
        SessionId session = _tracker.Join("zhangsan").Session;

        Assert.That(() => _tracker.ExpireWithin(session, notice), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("notice"));
    }

    [Test]
    public void ExpireWithin_OfASessionThatIsOver_DoesNothing()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        SessionId next = _tracker.Join("zhangsan").Session;

        Assert.That((_tracker.ExpireWithin(session, 1), _tracker.ExpireWithin(SessionId.None, 1)), Is.EqualTo((false, false)));
        _ticks.Advance();
        Assert.That(_tracker.Heartbeat(next), Is.True);
    }

    private void SetUp(PresenceOptions options)
    {
        _tracker?.Dispose();
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(options, _ticks);
        var told = new List<(PresenceChanges, int)>();
        _told = told;
        _tracker.OnChange(PresenceChanges.All, change =>
        {
            lock (told)
            {
                told.Add((change.Kind, change.Count));
            }

            return default;
        });
    }
}
