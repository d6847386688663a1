using System.Collections.Concurrent;

namespace Presence.Tests.Changes;

[TestFixture]
public sealed class SuspicionTests
{
    private ManualTickSource _ticks = null!;
    private ConcurrentQueue<(PresenceChanges Kind, int Count)> _told = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _told = new ConcurrentQueue<(PresenceChanges, int)>();
    }

    [TestCase(2, false)]
    [TestCase(3, true)]
    [TestCase(5, true)]
    public void Client_ByItsCount_IsSuspect(int ticks, bool isSuspect)
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        tracker.Join("a");

        _ticks.Advance(ticks);

        Assert.That(tracker.TryGetClient("a", out ClientStatus status), Is.True);
        Assert.That(status.IsSuspect, Is.EqualTo(isSuspect));
    }

    [TestCase(1, 1, false)]
    [TestCase(2, 1, false)]
    [TestCase(2, 2, true)]
    [TestCase(60, 30, false)]
    [TestCase(60, 31, true)]
    public void Client_WithALimitOfItsOwn_IsSuspectAfterHalfOfIt(int limit, int ticks, bool isSuspect)
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        tracker.Join("other");
        tracker.Join("a", new JoinOptions { ExpireAfter = limit });

        _ticks.Advance(ticks);

        Assert.That(tracker.TryGetClient("a", out ClientStatus status), Is.True);
        Assert.That(status.IsSuspect, Is.EqualTo(isSuspect));
    }

    /// <summary>Whether the telling comes at once or with the session's end: it says what the tick found.</summary>
    [Test]
    public async Task Suspected_ToldBeforeOrWithTheEnd_CarriesTheCountAtItsTick([Values] bool expires)
    {
        for (int round = 0; round < 200; round++)
        {
            _told.Clear();
            using PresenceTracker tracker = Create(new PresenceOptions());
            tracker.Join("a");
            _ticks.Advance(expires ? 6 : 4);
            tracker.Leave("a");
            await tracker.WhenCallbacksDoneAsync();

            Assert.That(_told, Is.EqualTo(new[] { (PresenceChanges.Joined, 0), (PresenceChanges.Suspected, 3), expires ? (PresenceChanges.Expired, 6) : (PresenceChanges.Left, 4) }));
        }
    }

    [Test]
    public async Task Client_ThatFallsSilentAndComesBackAndGoes_IsToldInOrder()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        tracker.Join("a");

        _ticks.Advance(4);
        tracker.Heartbeat("a");
        _ticks.Advance(7);
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(_told.Select(change => change.Kind), Is.EqualTo(new[]
        {
            PresenceChanges.Joined, PresenceChanges.Suspected, PresenceChanges.Recovered, PresenceChanges.Suspected, PresenceChanges.Expired,
        }));
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(100)]
    public async Task Client_WithoutSuspicionBelowTheLimit_IsNeverSuspect(int suspectAfter)
    {
        using PresenceTracker tracker = Create(new PresenceOptions { SuspectAfter = suspectAfter });
        tracker.Join("a");

        _ticks.Advance(6);
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(_told.Select(change => change.Kind), Is.EqualTo(new[] { PresenceChanges.Joined, PresenceChanges.Expired }));
    }

    [Test]
    public async Task Suspicion_OfTheSlotsLastSession_IsNotTheNextOnes()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        tracker.Join("a");
        _ticks.Advance(3);
        tracker.Leave("a");
        tracker.Join("b");
        _ticks.Advance();
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(tracker.TryGetClient("b", out ClientStatus status) && status.IsSuspect, Is.False);
        Assert.That(_told.Count(change => change.Kind == PresenceChanges.Suspected), Is.EqualTo(1));
    }

    private PresenceTracker Create(PresenceOptions options)
    {
        var tracker = new PresenceTracker(options, _ticks);
        tracker.OnChange(PresenceChanges.All, async change =>
        {
            await Task.Yield();
            _told.Enqueue((change.Kind, change.Count));
        });
        return tracker;
    }
}
