using Moq;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatKeysTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions(), _ticks);
        _keys = new HeartbeatKeys(_tracker);
    }

    [TearDown]
    public void TearDown()
    {
        _keys.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void Issue_SessionOnline_GivesARandomKeyOf32Bytes()
    {
        byte[]? first = Issue("first");
        byte[]? second = Issue("second");

        Assert.Multiple(() =>
        {
            Assert.That(first, Has.Length.EqualTo(32));
            Assert.That(second, Is.Not.EqualTo(first));
            Assert.That(_keys.Count, Is.EqualTo(2));
        });
    }

    [Test]
    public void Issue_SessionThatIsOver_GivesNullAndKeepsNothing()
    {
        SessionId old = _tracker.Join("zhangsan").Session;
        _tracker.Join("zhangsan");

        Assert.Multiple(() =>
        {
            Assert.That(_keys.Issue("zhangsan", old), Is.Null);
            Assert.That(_keys.Issue("nobody", old), Is.Null);
            Assert.That(_keys.Count, Is.Zero);
        });
    }

    [Test]
    public void Issue_Again_ReplacesAndWipesTheFirstKey()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        byte[]? first = _keys.Issue("zhangsan", session);
        KeyedSession replaced = _keys.Find(session.Value)!;

        byte[]? second = _keys.Issue("zhangsan", session);

        Assert.Multiple(() =>
        {
            Assert.That(second, Is.Not.EqualTo(first));
            Assert.That(replaced.TryCommit(1), Is.False);
            Assert.That(_keys.Find(session.Value)!.IsNewer(1), Is.True);
            Assert.That(_keys.Count, Is.EqualTo(1));
        });
    }

    [TestCase(PresenceChanges.Left)]
    [TestCase(PresenceChanges.Replaced)]
    [TestCase(PresenceChanges.Expired)]
    [TestCase(PresenceChanges.Shutdown)]
    public async Task SessionEnd_InAnyWay_DropsItsKeyAndWipesIt(PresenceChanges end)
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _keys.Issue("zhangsan", session);
        KeyedSession keyed = _keys.Find(session.Value)!;

        switch (end)
        {
            case PresenceChanges.Left:
                _tracker.Leave(session);
                break;
            case PresenceChanges.Replaced:
                _tracker.Join("zhangsan");
                break;
            case PresenceChanges.Expired:
                _ticks.Advance(6);
                break;
            default:
                await _tracker.DisposeAsync();
                break;
        }

        await _tracker.WhenCallbacksDoneAsync();

        Assert.Multiple(() =>
        {
            Assert.That(_keys.Count, Is.Zero);
            Assert.That(keyed.Key, Is.EqualTo(default(HeartbeatKey)));
        });
    }

    [Test]
    public async Task Issue_RacingEndsOfItsSession_LeavesNoMoreKeysThanSessionsOnline()
    {
        const int Rounds = 5_000;
        for (int i = 0; i < Rounds; i++)
        {
            string client = $"client{i % 50}";
            SessionId session = _tracker.Join(client).Session; // ends the one of 50 rounds ago
            if (i % 2 == 0)
            {
                _tracker.Leave(session); // which is told on another thread, before, while or after the key goes in
                Thread.SpinWait(i % 1_000);
            }

            _keys.Issue(client, session);
        }

        await _tracker.WhenCallbacksDoneAsync();

        IEnumerable<SessionId> online = _tracker.Snapshot().Select(status => status.Session);
        Assert.That(_keys.Count, Is.EqualTo(online.Count(session => _keys.Find(session.Value) is not null)));

        foreach (SessionId session in online)
        {
            _tracker.Leave(session);
        }

        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(_keys.Count, Is.Zero);
    }

    [Test]
    public async Task Issue_SessionEndsAndIsToldBeforeTheKeyIsIn_LeavesNoKey()
    {
        var tracker = new Mock<IPresenceTracker>();
        Func<PresenceChange, ValueTask> onEnded = null!;
        tracker.Setup(t => t.OnChange(PresenceChanges.Ended, It.IsAny<Func<PresenceChange, ValueTask>>()))
            .Callback((PresenceChanges _, Func<PresenceChange, ValueTask> callback) => onEnded = callback)
            .Returns(Mock.Of<IDisposable>());
        using var keys = new HeartbeatKeys(tracker.Object);
        var session = new SessionId(7);

        await onEnded(new PresenceChange { Kind = PresenceChanges.Left, ClientId = "zhangsan", Session = session, Count = 0, ExpireAfter = 5 });
        byte[]? key = keys.Issue("zhangsan", session);

        Assert.Multiple(() =>
        {
            Assert.That(key, Is.Null);
            Assert.That(keys.Count, Is.Zero);
        });
    }

    [Test]
    public void Issue_TrackerDisposed_ThrowsAndLeavesNoKey()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _tracker.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(() => _keys.Issue("zhangsan", session), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(_keys.Count, Is.Zero);
        });
    }

    [Test]
    public void Dispose_WithKeys_DropsThemAndIssuesNoMore()
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        _keys.Issue("zhangsan", session);

        _keys.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(_keys.Count, Is.Zero);
            Assert.That(() => _keys.Issue("zhangsan", session), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(_keys.Count, Is.Zero);
        });
    }

    private byte[]? Issue(string client) => _keys.Issue(client, _tracker.Join(client).Session);
}
