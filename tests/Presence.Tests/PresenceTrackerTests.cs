namespace Presence.Tests;

[TestFixture]
public sealed class PresenceTrackerTests
{
    private const int Offline = -99;

    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [TestCase(null, 5)]
    [TestCase(1, 1)]
    [TestCase(100, 100)]
    public void Join_WithoutHeartbeats_ExpiresAtTheTickAfterTheLimit(int? ownLimit, int limit)
    {
        _tracker.Join("zhangsan", new JoinOptions { ExpireAfter = ownLimit });

        _ticks.Advance(limit);
        int atLimit = CountOf("zhangsan");
        _ticks.Advance();

        Assert.That((atLimit, CountOf("zhangsan")), Is.EqualTo((limit, Offline)));
    }

    [Test]
    public async Task OnClientExpired_WhenAClientExpires_RunsOnceWithItsStateAndSession()
    {
        var connection = new object();
        var changes = new List<PresenceChange>();
        using IDisposable registration = _tracker.OnClientExpired(change =>
        {
            changes.Add(change);
            return default;
        });
        SessionId session = _tracker.Join("zhangsan", connection).Session;

        _ticks.Advance(20);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(changes.Select(change => change with { LastSeen = default, LastSeenAgo = default }), Is.EqualTo(new[]
        {
            new PresenceChange { Kind = PresenceChanges.Expired, ClientId = "zhangsan", Session = session, Count = 6, ExpireAfter = 5, State = connection },
        }));
    }

    [Test]
    public void Join_OfAClientThatIsOnline_ReplacesItsSessionAndHandsItBack()
    {
        SessionId old = _tracker.Join("zhangsan", "old connection").Session;
        _ticks.Advance(2);

        JoinResult joined = _tracker.Join("zhangsan", new JoinOptions { State = "new connection", ExpireAfter = 9 });

        Assert.That(joined.Replaced!.Value with { LastSeen = default, LastSeenAgo = default }, Is.EqualTo(new ClientStatus { ClientId = "zhangsan", Session = old, Count = 2, ExpireAfter = 5, State = "old connection" }));
        Assert.That(_tracker.Snapshot().Select(status => status with { LastSeen = default, LastSeenAgo = default }), Is.EqualTo(new[]
        {
            new ClientStatus { ClientId = "zhangsan", Session = joined.Session, Count = 0, ExpireAfter = 9, State = "new connection" },
        }));
        Assert.That((_tracker.Heartbeat(old), _tracker.Leave(old)), Is.EqualTo((false, false)));
    }

    [Test]
    public void TryJoin_OfAClientThatIsOnline_RefusesAndChangesNothing()
    {
        SessionId first = _tracker.Join("zhangsan", "connection").Session;
        _ticks.Advance(2);

        bool joined = _tracker.TryJoin("zhangsan", out SessionId session);

        Assert.That((joined, session), Is.EqualTo((false, SessionId.None)));
        Assert.That(_tracker.TryGetClient("zhangsan", out ClientStatus status), Is.True);
        Assert.That((status.Session, status.Count, _tracker.OnlineCount), Is.EqualTo((first, 2, 1)));
    }

    [Test]
    public void Leave_BySessionOfAClientThatJoinedAgain_LeavesTheNewSession()
    {
        SessionId old = _tracker.Join("zhangsan").Session;
        _tracker.Leave("zhangsan");
        SessionId current = _tracker.Join("zhangsan").Session;

        Assert.That(_tracker.Leave(old), Is.False);
        Assert.That(_tracker.Leave(current), Is.True);
        Assert.That(_tracker.Leave(current), Is.False);
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void TryGetClient_HoweverOften_RefreshesNothing()
    {
        _tracker.Join("zhangsan");

        for (int tick = 0; tick < 6; tick++)
        {
            Assert.That(CountOf("zhangsan"), Is.EqualTo(tick));
            _tracker.Snapshot();
            _ticks.Advance();
        }

        Assert.That(CountOf("zhangsan"), Is.EqualTo(Offline));
    }

    [Test]
    public void Heartbeat_OfAnyStrangeSession_AnswersFalse([Values(0ul, 1ul, 0xFFFFFFul, 0x1FFFFFFul, 1ul << 36, ulong.MaxValue)] ulong value)
    {
        _tracker.Join("zhangsan");

        Assert.That(_tracker.Heartbeat(new SessionId(value)), Is.False);
        Assert.That(_tracker.Leave(new SessionId(value)), Is.False);
        Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
    }

    [Test]
    public void Heartbeat_OfASessionOfAnotherTracker_AnswersFalse()
    {
        using var other = new PresenceTracker(tickSource: _ticks);
        _tracker.Join("zhangsan");

        Assert.That(_tracker.Heartbeat(other.Join("zhangsan").Session), Is.False);
    }

    [Test]
    public void Heartbeat_OfAnUnknownClient_AnswersFalse() => Assert.That(_tracker.Heartbeat("nobody"), Is.False);

    [Test]
    public void Heartbeat_ByIdOrSession_AllocatesNothing([Values] HeartbeatRule rule)
    {
        using var tracker = new PresenceTracker(new PresenceOptions { Rule = rule }, _ticks);
        SessionId session = tracker.Join("zhangsan").Session;
        Beat(1_000); // once through everything that is made on first use

        long before = GC.GetAllocatedBytesForCurrentThread();
        Beat(100_000);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Beat(int times)
        {
            for (int i = 0; i < times; i++)
            {
                tracker.Heartbeat(session);
                tracker.Heartbeat("zhangsan");
                tracker.Heartbeat("nobody");
                tracker.Heartbeat(SessionId.None);
            }
        }
    }

    [Test]
    public void Join_OfMoreClientsThanAChunkHolds_KeepsThemAll()
    {
        using var tracker = new PresenceTracker(new PresenceOptions { MassExpiryShare = 1 }, _ticks);
        SessionId[] sessions = [.. Enumerable.Range(0, 10_000).Select(client => tracker.Join($"client {client}").Session)];
        _ticks.Advance(3);

        Assert.That(sessions.Count(tracker.Heartbeat), Is.EqualTo(10_000));
        Assert.That(tracker.Snapshot().Select(status => status.Session).ToHashSet().SetEquals(sessions), Is.True);
        _ticks.Advance(6);
        Assert.That(tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void Join_WithABadClientId_ThrowsAndChangesNothing([Values(null, "", "too long")] string? clientId)
    {
        clientId = clientId == "too long" ? new string('x', PresenceOptions.MaxClientIdLength + 1) : clientId;

        Assert.That(() => _tracker.Join(clientId!), Throws.InstanceOf<ArgumentException>().With.Property("ParamName").EqualTo("clientId"));
        Assert.That(() => _tracker.TryJoin(clientId!, out _), Throws.InstanceOf<ArgumentException>().With.Property("ParamName").EqualTo("clientId"));
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void Join_WithTheLongestClientId_Works()
    {
        string longest = new('x', PresenceOptions.MaxClientIdLength);

        _tracker.Join(longest);

        Assert.That(_tracker.Heartbeat(longest), Is.True);
    }

    [Test]
    public void Lookups_WithoutAClientId_Throw([Values(null, "")] string? clientId) => Assert.Multiple(() =>
    {
        Assert.That(() => _tracker.Heartbeat(clientId!), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => _tracker.Leave(clientId!), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => _tracker.TryGetClient(clientId!, out _), Throws.InstanceOf<ArgumentException>());
    });

    [Test]
    public void Lookups_WithAClientIdThatNobodyCanHave_AnswerFalse()
    {
        string tooLong = new('x', PresenceOptions.MaxClientIdLength + 1);

        Assert.That((_tracker.Heartbeat(tooLong), _tracker.Leave(tooLong), _tracker.TryGetClient(tooLong, out _)), Is.EqualTo((false, false, false)));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(PresenceOptions.MaxExpireAfter + 1)]
    public void Join_WithALimitOutOfRange_ThrowsAndKeepsTheSessionThatIsThere(int expireAfter)
    {
        SessionId session = _tracker.Join("zhangsan").Session;

        Assert.That(
            () => _tracker.Join("zhangsan", new JoinOptions { ExpireAfter = expireAfter }),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("options").And.Message.Contains($"ExpireAfter is {expireAfter} ticks"));
        Assert.That(_tracker.Heartbeat(session), Is.True);
    }

    [Test]
    public void Options_ChangedAfterwards_DoNotChangeTheTracker()
    {
        var options = new PresenceOptions { ExpireAfter = 2 };
        using var tracker = new PresenceTracker(options, _ticks);
        options.ExpireAfter = 100;
        tracker.Join("zhangsan");

        _ticks.Advance(3);

        Assert.That(tracker.OnlineCount, Is.Zero);
    }

    private int CountOf(string clientId) => _tracker.TryGetClient(clientId, out ClientStatus status) ? status.Count : Offline;
}
