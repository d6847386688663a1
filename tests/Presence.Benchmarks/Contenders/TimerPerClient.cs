using System.Collections.Concurrent;

namespace Presence.Benchmarks.Contenders;

/// <summary>A timer per client; a heartbeat sets it back.</summary>
internal sealed class TimerPerClient : IContender
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Timer> _timers = new();

    public string Name => "Timer per client";

    public bool HasTick => false;

    public void Join(string clientId) =>
        _timers[clientId] = new Timer(id => _timers.TryRemove((string)id!, out _), clientId, Limit, Timeout.InfiniteTimeSpan);

    public bool Heartbeat(string clientId) => _timers.TryGetValue(clientId, out Timer? timer) && timer.Change(Limit, Timeout.InfiniteTimeSpan);

    public void Tick()
    {
        // The runtime's timer thread has it.
    }

    public void Dispose()
    {
        foreach (Timer timer in _timers.Values)
        {
            timer.Dispose();
        }
    }
}
