using System.Diagnostics.Metrics;

namespace Presence.Redis.Telemetry;

/// <summary>The instruments of one server's part in a cluster; <c>docs/telemetry.md</c> lists them.</summary>
/// <remarks>A factory's meter keeps its instruments for as long as it lives, so these know what they show only weakly, and show nothing once it is disposed.</remarks>
internal sealed class RedisPresenceMetrics : IDisposable
{
    public const string MeterName = "Presence.Redis";

    private readonly Meter _meter;
    private readonly WeakReference<RedisPresenceMetrics?> _self;
    private readonly Func<long> _waiting;
    private readonly Func<int> _troubles;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _publishFailures;
    private readonly Counter<long> _epochsLost;
    private readonly Counter<long> _claimed;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _messagesDropped;
    private readonly Counter<long> _heartbeatsLate;

    public RedisPresenceMetrics(IMeterFactory? meterFactory, Func<long> waiting, Func<int> troubles)
    {
        (_waiting, _troubles) = (waiting, troubles);
        _self = new WeakReference<RedisPresenceMetrics?>(this);
        _ownsMeter = meterFactory is null;
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableUpDownCounter("presence.redis.changes.waiting", ObserverOf(_self, static metrics => metrics._waiting()), "{change}", "Joins and ends that are not in the store yet.");
        _meter.CreateObservableUpDownCounter("presence.redis.troubles", ObserverOf(_self, static metrics => (long)metrics._troubles()), "{trouble}", "What lastingly does not work: 0 if all does.");
        _publishFailures = _meter.CreateCounter<long>("presence.redis.publish.failures", "{batch}", "Batches that the store did not answer.");
        _epochsLost = _meter.CreateCounter<long>("presence.redis.epochs.lost", "{epoch}", "Times that this server's lease lapsed, or the store lost it.");
        _claimed = _meter.CreateCounter<long>("presence.redis.clients.claimed", "{client}", "Clients of lost servers that this server claimed.");
        _lost = _meter.CreateCounter<long>("presence.redis.clients.lost", "{client}", "Clients of lost servers that did not log in again in their grace.");
        _messagesDropped = _meter.CreateCounter<long>("presence.redis.messages.dropped", "{message}", "Messages for clients of this server that came faster than callbacks took them.");
        _heartbeatsLate = _meter.CreateCounter<long>("presence.redis.heartbeats.late", "{heartbeat}", "Heartbeats sent on by other servers that came too late to count.");
    }

    public void PublishFailed() => _publishFailures.Add(1);

    public void EpochLost() => _epochsLost.Add(1);

    public void Claimed(int count) => _claimed.Add(count);

    public void Lost(int count) => _lost.Add(count);

    public void MessageDropped() => _messagesDropped.Add(1);

    public void HeartbeatLate() => _heartbeatsLate.Add(1);

    public void Dispose()
    {
        _self.SetTarget(null);
        if (_ownsMeter)
        {
            _meter.Dispose(); // a factory disposes of its own
        }
    }

    private static Func<IEnumerable<Measurement<long>>> ObserverOf(WeakReference<RedisPresenceMetrics?> self, Func<RedisPresenceMetrics, long> observe) =>
        () => self.TryGetTarget(out RedisPresenceMetrics? metrics) ? [new(observe(metrics))] : [];
}
