namespace Presence.Benchmarks.Contenders;

internal sealed class PresenceContender : IContender
{
    private readonly ManualTickSource _ticks = new();

    public PresenceContender() => Tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = PresenceOptions.MaxExpireAfter }, _ticks);

    public string Name => "Presence";

    public PresenceTracker Tracker { get; }

    public void Join(string clientId) => Tracker.Join(clientId);

    public bool Heartbeat(string clientId) => Tracker.Heartbeat(clientId);

    public void Tick() => _ticks.Advance();

    public void Dispose()
    {
        // Not the tracker: it would end a million sessions, which nobody waits for here.
    }
}
