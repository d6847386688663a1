namespace Presence.Udp.Tests;

/// <summary>Counts the ticks until the last of some clients is gone.</summary>
internal sealed class DeathWatch(PresenceTracker tracker, string[] clients) : IDisposable
{
    private IDisposable? _guard;
    private int _ticks;
    private int? _lastGone;

    public int? LastGone { get; private set; }

    public void Start() => _guard = tracker.AddTickGuard(() =>
    {
        // Asked before the tick judges, so who is gone now went at the one before.
        if (_lastGone is null && !clients.Any(client => tracker.TryGetClient(client, out _)))
        {
            LastGone = _lastGone = _ticks;
        }

        _ticks++;
        return false;
    });

    public void Dispose() => _guard?.Dispose();
}
