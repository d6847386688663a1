namespace Presence.Tests.Changes;

/// <summary>What a satellite does to a tracker for other servers.</summary>
public class SatelliteTests
{
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void CreateTracker() => _tracker = new PresenceTracker(tickSource: new ManualTickSource());

    [TearDown]
    public async Task DisposeTracker() => await _tracker.DisposeAsync();

    [Test]
    public async Task EndReplaced_SessionThatIsOnline_EndsItAsReplaced()
    {
        var told = new List<PresenceChange>();
        _tracker.OnChange(PresenceChanges.Ended, change =>
        {
            told.Add(change);
            return default;
        });
        SessionId session = _tracker.Join("ann", "state").Session;

        bool ended = _tracker.EndReplaced(session);

        await _tracker.WhenCallbacksDoneAsync();
        Assert.That(ended);
        Assert.That(_tracker.OnlineCount, Is.Zero);
        Assert.That(told.Select(change => (change.Kind, change.Session, change.State)), Is.EqualTo([(PresenceChanges.Replaced, session, (object?)"state")]));
        Assert.That(_tracker.EndReplaced(session), Is.False, "a second time");
    }

    [Test]
    public void EndReplaced_OlderSession_LeavesTheNewerOne()
    {
        SessionId old = _tracker.Join("ann").Session;
        SessionId current = _tracker.Join("ann").Session;

        Assert.That(_tracker.EndReplaced(old), Is.False);
        Assert.That(_tracker.EndReplaced(SessionId.None), Is.False);
        Assert.That(_tracker.Heartbeat(current));
    }

    [Test]
    public async Task TellServerLostAsync_ReachesThoseWhoWantExpiries_AndCompletesWhenTheyHaveRun()
    {
        var told = new List<PresenceChange>();
        var gate = new TaskCompletionSource();
        _tracker.OnClientExpired(async change =>
        {
            await gate.Task;
            told.Add(change);
        });
        _tracker.OnChange(PresenceChanges.Ended, _ => throw new InvalidOperationException("not one of this tracker's sessions"));
        SessionId own = _tracker.Join("ann").Session;

        Task telling = _tracker.TellServerLostAsync("ann", fencingToken: 42);
        Assert.That(telling.IsCompleted, Is.False);
        gate.SetResult();
        await telling;

        Assert.That(told.Select(change => (change.Kind, change.ClientId, change.FencingToken, change.Session, change.State)),
            Is.EqualTo([(PresenceChanges.ServerLost, "ann", 42L, SessionId.None, (object?)null)]));
        Assert.That(_tracker.Heartbeat(own), "the tracker's own session is not touched");
    }

    [Test]
    public async Task TellServerLostAsync_CallbackThrows_Completes()
    {
        _tracker.OnClientExpired(_ => throw new InvalidOperationException("mine"));

        await _tracker.TellServerLostAsync("ann", 1);
    }

    [Test]
    public void TellServerLostAsync_NobodyWantsIt_IsComplete() => Assert.That(_tracker.TellServerLostAsync("ann", 1).IsCompleted);

    [Test]
    public async Task TellServerLostAsync_InOrderWithTheClientsOwnChanges()
    {
        var told = new List<PresenceChanges>();
        _tracker.OnChange(PresenceChanges.All, async change =>
        {
            await Task.Yield();
            told.Add(change.Kind);
        });

        Task telling = _tracker.TellServerLostAsync("ann", 1);
        SessionId session = _tracker.Join("ann").Session;
        _tracker.Leave(session);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(told, Is.EqualTo([PresenceChanges.ServerLost, PresenceChanges.Joined, PresenceChanges.Left]));
        await telling;
    }

    [Test]
    public async Task AfterDispose_BothThrow()
    {
        SessionId session = _tracker.Join("ann").Session;
        await _tracker.DisposeAsync();

        Assert.That(() => _tracker.EndReplaced(session), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _tracker.TellServerLostAsync("ann", 1), Throws.InstanceOf<ObjectDisposedException>());
    }
}
