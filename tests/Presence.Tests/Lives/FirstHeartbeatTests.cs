namespace Presence.Tests.Lives;

[TestFixture]
public sealed class FirstHeartbeatTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [TestCase(10, 10, true)]
    [TestCase(10, 11, false)]
    [TestCase(2, 2, true)]
    [TestCase(2, 3, false)]
    public void Join_WithALimitForTheFirstHeartbeat_ExpiresByThatUntilItComes(int first, int ticks, bool isOnline)
    {
        SetUp(HeartbeatRule.Reset);
        _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = first });

        _ticks.Advance(ticks);

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Count, status.ExpireAfter), Is.EqualTo(isOnline ? (true, ticks, first) : default));
        Assert.That(_tracker.OnlineCount, Is.EqualTo(isOnline ? 1 : 0));
    }

    /// <summary>Also at the tick at which both limits would end it at the same, so that its word looks as before.</summary>
    [Test]
    public void Heartbeat_TheFirst_StartsTheCountAndTheUsualLimit([Values] HeartbeatRule rule, [Values] bool byId, [Range(0, 10)] int ticks)
    {
        SetUp(rule);
        SessionId session = _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = 10 }).Session;
        _ticks.Advance(ticks);

        Assert.That(byId ? _tracker.Heartbeat("zhangsan") : _tracker.Heartbeat(session), Is.True);

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Count, status.ExpireAfter), Is.EqualTo((true, 0, 5)));
        _ticks.Advance(5);
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
        _ticks.Advance();
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.False);
    }

    [Test]
    public async Task Join_WithALimitForTheFirstHeartbeat_IsSuspectByHalfOfThat()
    {
        SetUp(HeartbeatRule.Reset);
        var told = new List<(PresenceChanges, int, int)>();
        using IDisposable registration = _tracker.OnChange(PresenceChanges.All, change =>
        {
            told.Add((change.Kind, change.Count, change.ExpireAfter));
            return default;
        });
        _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = 8 });
        await AdvanceAsync(5);
        _tracker.Heartbeat("zhangsan");
        await AdvanceAsync(1);
        await AdvanceAsync(2);
        await AdvanceAsync(3);

        Assert.That(told, Is.EqualTo(new[]
        {
            (PresenceChanges.Joined, 0, 8), (PresenceChanges.Suspected, 5, 8), (PresenceChanges.Recovered, 1, 5), (PresenceChanges.Suspected, 3, 5), (PresenceChanges.Expired, 6, 5),
        }));

        async Task AdvanceAsync(int ticks)
        {
            _ticks.Advance(ticks);
            await _tracker.WhenCallbacksDoneAsync(); // what is told late is told with the count and limit of then
        }
    }

    [Test]
    public void SetExpireAfter_BeforeTheFirstHeartbeat_TakesItsPlace()
    {
        SetUp(HeartbeatRule.Reset);
        SessionId session = _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = 10 }).Session;
        _ticks.Advance(3);
        _tracker.SetExpireAfter(session, 4);
        _ticks.Advance();
        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Count, status.ExpireAfter), Is.EqualTo((true, 4, 4)));

        _ticks.Advance();

        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void Leave_BeforeTheFirstHeartbeat_LeavesNothingForTheNextInItsPlace()
    {
        SetUp(HeartbeatRule.Reset);
        _tracker.Leave(_tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = 10 }).Session);

        _tracker.Join("lisi");
        _ticks.Advance(6);

        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(PresenceOptions.MaxExpireAfter + 1)]
    public void Join_WithALimitForTheFirstHeartbeatOutOfRange_Throws(int first)
    {
        SetUp(HeartbeatRule.Reset);

        Assert.That(
            () => _tracker.Join("zhangsan", new JoinOptions { FirstExpireAfter = first }),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains($"FirstExpireAfter is {first} ticks"));
    }

    private void SetUp(HeartbeatRule rule)
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions { Rule = rule }, _ticks);
    }
}
