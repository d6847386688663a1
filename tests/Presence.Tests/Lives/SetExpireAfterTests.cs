namespace Presence.Tests.Lives;

[TestFixture]
public sealed class SetExpireAfterTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp() => SetUp(new PresenceOptions());

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    /// <summary>The count goes on: after 2 ticks and a limit of 8, tick 9 ends it.</summary>
    [TestCase(8, 2, 6)]
    [TestCase(8, 5, 3)]
    [TestCase(3, 2, 1)]
    [TestCase(3, 3, 0)]
    [TestCase(3, 4, 0)]
    [TestCase(5, 4, 1)]
    public void SetExpireAfter_WhileTicksCount_MovesTheLimitOnly(int limit, int ticksBefore, int ticksLeft)
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _ticks.Advance(ticksBefore);

        Assert.That(_tracker.SetExpireAfter(session, limit), Is.True);

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Session, status.Count, status.ExpireAfter), Is.EqualTo((true, session, ticksBefore, limit)));
        _ticks.Advance(ticksLeft);
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
        _ticks.Advance();
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.False);
    }

    [Test]
    public void SetExpireAfter_ToUnderTheCount_LetsAHeartbeatRescue([Values] HeartbeatRule rule)
    {
        SetUp(new PresenceOptions { Rule = rule });
        SessionId session = _tracker.Join("zhangsan").Session;
        _ticks.Advance(4);
        _tracker.SetExpireAfter(session, 2);

        Assert.That(_tracker.Heartbeat(session), Is.True);

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Count, status.ExpireAfter), Is.EqualTo((true, 0, 2)));
    }

    [Test]
    public void SetExpireAfter_ThereAndBack_LeavesHeartbeatsWithTheLimitOfBefore([Values] HeartbeatRule rule, [Values] bool byId)
    {
        SetUp(new PresenceOptions { Rule = rule });
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.SetExpireAfter(session, 60);
        Assert.That(Beat(), Is.True);
        _ticks.Advance(20);
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
        _tracker.SetExpireAfter(session, 5);
        Assert.That(Beat(), Is.True);

        _ticks.Advance(5);
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
        _ticks.Advance();
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.False);

        bool Beat() => byId ? _tracker.Heartbeat("zhangsan") : _tracker.Heartbeat(session);
    }

    [Test]
    public void SetExpireAfter_OfASessionThatIsOver_DoesNothing([Values("left", "expired", "replaced", "none")] string how)
    {
        SessionId session = how == "none" ? SessionId.None : _tracker.Join("zhangsan").Session;
        switch (how)
        {
            case "left":
                _tracker.Leave(session);
                break;
            case "expired":
                _ticks.Advance(6);
                break;
            default:
                _tracker.Join("zhangsan");
                break;
        }

        Assert.That(_tracker.SetExpireAfter(session, 60), Is.False);
        Assert.That(_tracker.TryGetClient("zhangsan", out ClientStatus status) ? status.ExpireAfter : 5, Is.EqualTo(5));
    }

    /// <summary>The place is given to another client, which has the default limit again.</summary>
    [Test]
    public void SetExpireAfter_OfASessionThatEnds_IsNotTheNextOnes()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.SetExpireAfter(session, 60);
        _tracker.Leave(session);

        _tracker.Join("lisi");
        _ticks.Advance(6);

        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public async Task SetExpireAfter_IsToldToNobody()
    {
        var told = new List<PresenceChanges>();
        using IDisposable registration = _tracker.OnChange(PresenceChanges.All, change =>
        {
            told.Add(change.Kind);
            return default;
        });
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.SetExpireAfter(session, 60);
        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(told, Is.EqualTo(new[] { PresenceChanges.Joined }));
    }

    [TestCase(0)]
    [TestCase(PresenceOptions.MaxExpireAfter + 1)]
    public void SetExpireAfter_OutOfRange_Throws(int limit)
    {
        SessionId session = _tracker.Join("zhangsan").Session;

        Assert.That(() => _tracker.SetExpireAfter(session, limit), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("expireAfter"));
    }

    [Test]
    public void Disposed_Throws()
    {
        _tracker.Dispose();

        Assert.That(() => _tracker.SetExpireAfter(new SessionId(1), 5), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _tracker.ExpireWithin(new SessionId(1), 5), Throws.InstanceOf<ObjectDisposedException>());
    }

    private void SetUp(PresenceOptions options)
    {
        _tracker?.Dispose();
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(options, _ticks);
    }
}
