namespace Presence.Tests;

[TestFixture]
public sealed class PresenceTrackerTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions(), _ticks);
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [TestCase(5, true)]
    [TestCase(6, false)]
    [TestCase(7, false)]
    public void Tick_WithoutHeartbeats_ExpiresTheClientAtLimitPlusOne(int ticks, bool isOnline)
    {
        _tracker.Join("zhangsan");

        _ticks.Advance(ticks);

        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.EqualTo(isOnline));
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

        Assert.That(changes, Is.EqualTo(new[]
        {
            new PresenceChange { Kind = PresenceChanges.Expired, ClientId = "zhangsan", Session = session, Count = 6, ExpireAfter = 5, State = connection },
        }));
    }
}
