namespace Presence.Tests;

[TestFixture]
public sealed class JoinOptionsTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions { TickInterval = TimeSpan.FromSeconds(2) }, _ticks);
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public void Join_WithoutOptions_IsTheDefaultJoin([Values] bool areNull)
    {
        _tracker.Join("zhangsan", areNull ? null : new JoinOptions());

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.ExpireAfter, status.State), Is.EqualTo((true, 5, (object?)null)));
    }

    [TestCase(-1)]
    [TestCase(PresenceOptions.MaxExpireAfter + 1)]
    public void Join_WithALingerOutOfRange_ThrowsAlsoWithoutGroups(int linger)
    {
        Assert.That(() => _tracker.Join("zhangsan", new JoinOptions { Linger = linger }), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void Join_WithATimeForALimit_TakesItByTheTickIntervalRoundedUp()
    {
        _tracker.Join("zhangsan", new JoinOptions { ExpireAfter = TimeSpan.FromSeconds(15) });

        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.ExpireAfter), Is.EqualTo((true, 8)));
    }

    [Test]
    public void Join_WithASessionToReplace_Throws()
    {
        SessionId session = _tracker.Join("zhangsan").Session;

        Assert.That(() => _tracker.Join("zhangsan", new JoinOptions { Replaces = session }), Throws.ArgumentException.With.Property("ParamName").EqualTo("options"));
        Assert.That(_tracker.Heartbeat(session), Is.True);
    }

    [Test]
    public void TryJoin_WithTheClientsSession_ReplacesIt()
    {
        SessionId session = _tracker.Join("zhangsan", "old").Session;

        bool joined = _tracker.TryJoin("zhangsan", new JoinOptions { State = "new", Replaces = session }, out JoinResult result);

        Assert.That((joined, result.Replaced?.Session, result.Replaced?.State), Is.EqualTo((true, session, "old")));
        Assert.That((_tracker.Heartbeat(session), _tracker.Heartbeat(result.Session)), Is.EqualTo((false, true)));
    }

    /// <summary>Whoever names a session that is not the client's by now is refused, also when the name is free.</summary>
    [Test]
    public void TryJoin_WithAnotherSession_ChangesNothing([Values("none", "an older one", "another client's", "one that left", "one that is over")] string named)
    {
        SessionId other = _tracker.Join("lisi").Session;
        SessionId older = _tracker.Join("zhangsan").Session;
        SessionId current = _tracker.Join("zhangsan").Session;
        SessionId replaces = named switch { "none" => SessionId.None, "an older one" => older, "another client's" => other, _ => current };
        if (named == "one that left")
        {
            _tracker.Leave(current);
        }
        else if (named == "one that is over")
        {
            _ticks.Advance(6);
        }

        bool wasOnline = _tracker.TryGetClient("zhangsan", out _);
        bool joined = _tracker.TryJoin("zhangsan", new JoinOptions { Replaces = replaces }, out JoinResult result);

        Assert.That((joined, result), Is.EqualTo((false, default(JoinResult))));
        Assert.That(_tracker.Heartbeat(current), Is.EqualTo(wasOnline));
    }

    [Test]
    public async Task TryJoin_OfTwoThatNameTheSameSession_LetsOneReplaceIt()
    {
        int rounds = TestScale.Of(5_000, 100_000);
        SessionId current = _tracker.Join("zhangsan").Session;
        using var barrier = new Barrier(2);
        var results = new SessionId[2];
        Task[] resuming = [.. Enumerable.Range(0, 2).Select(own => Task.Factory.StartNew(() => Resume(own), TaskCreationOptions.LongRunning))];

        await Task.WhenAll(resuming);

        void Resume(int own)
        {
            for (int round = 0; round < rounds; round++)
            {
                barrier.SignalAndWait();
                results[own] = _tracker.TryJoin("zhangsan", new JoinOptions { Replaces = current }, out JoinResult result) ? result.Session : SessionId.None;
                barrier.SignalAndWait();
                if (own == 0)
                {
                    Assert.That(results.Count(session => session != SessionId.None), Is.EqualTo(1));
                    current = results.Single(session => session != SessionId.None);
                }
            }
        }
    }
}
