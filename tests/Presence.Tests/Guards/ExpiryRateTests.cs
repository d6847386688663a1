namespace Presence.Tests.Guards;

/// <summary>No more expiries a tick than the host can take; who waits is suspect, and a heartbeat rescues.</summary>
[TestFixture]
public sealed class ExpiryRateTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions { MaxExpirationsPerTick = 3, MassExpiryShare = 1 }, _ticks);
        for (int client = 0; client < 8; client++)
        {
            _tracker.Join($"client {client}");
        }
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public void DueClients_OverTheRate_ExpireAtTheNextTicks()
    {
        int[] online = [.. Enumerable.Range(1, 9).Select(_ =>
        {
            _ticks.Advance();
            return _tracker.OnlineCount;
        })];

        Assert.That(online, Is.EqualTo(new[] { 8, 8, 8, 8, 8, 5, 2, 0, 0 }));
    }

    [Test]
    public void DueClients_OverTheRate_AreRescuedByAHeartbeat()
    {
        _ticks.Advance(6);
        string[] waiting = [.. _tracker.Snapshot().Select(status => status.ClientId)];
        bool allSuspect = _tracker.Snapshot().All(status => status.IsSuspect);

        bool allRescued = waiting.All(_tracker.Heartbeat);
        _ticks.Advance(5);

        Assert.That((waiting.Length, allSuspect, allRescued, _tracker.OnlineCount), Is.EqualTo((5, true, true, 5)));
    }
}
