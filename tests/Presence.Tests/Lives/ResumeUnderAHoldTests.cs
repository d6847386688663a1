namespace Presence.Tests.Lives;

/// <summary>A join that names the session it replaces, while a guard keeps clients that are over their limit.</summary>
[TestFixture]
public sealed class ResumeUnderAHoldTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
        for (int i = 0; i < 20; i++)
        {
            _tracker.Join($"silent {i}");
        }
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public void TryJoin_ThatNamesAnEarlierSession_LeavesTheOneThatIsKeptAlone()
    {
        SessionId earlier = _tracker.Join("zhangsan").Session;
        SessionId current = _tracker.Join("zhangsan").Session;
        _ticks.Advance(7); // all are over their limit, and held

        bool joined = _tracker.TryJoin("zhangsan", new JoinOptions { Replaces = earlier }, out _);

        Assert.That(joined, Is.False);
        Assert.That((_tracker.TryGetClient("zhangsan", out ClientStatus status), status.Session), Is.EqualTo((true, current)));
    }

    [Test]
    public void TryJoin_ThatNamesTheSessionThatIsKept_ReplacesIt()
    {
        SessionId current = _tracker.Join("zhangsan").Session;
        _ticks.Advance(7);

        bool joined = _tracker.TryJoin("zhangsan", new JoinOptions { Replaces = current }, out JoinResult result);

        Assert.That((joined, result.Replaced?.Session), Is.EqualTo((true, current)));
    }
}
