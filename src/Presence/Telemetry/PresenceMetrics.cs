using System.Diagnostics.Metrics;

namespace Presence.Telemetry;

/// <summary>The instruments of one tracker; <c>docs/telemetry.md</c> lists them.</summary>
internal sealed class PresenceMetrics : IDisposable
{
    public const string MeterName = "Presence";

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _suspected;
    private readonly Counter<long> _recovered;
    private readonly Histogram<double> _sweepDuration;
    private readonly Histogram<double> _callbackDuration;
    private readonly Counter<long> _callbackFailures;
    private readonly Counter<long> _ticksWithheld;
    private readonly Counter<long> _ticksHeld;

    public PresenceMetrics(IMeterFactory? meterFactory, Func<long> online)
    {
        _ownsMeter = meterFactory is null;
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableUpDownCounter("presence.clients.online", online, "{client}", "Clients that are online.");
        Heartbeats = new HeartbeatCounter(_meter);
        _ended = _meter.CreateCounter<long>("presence.sessions.ended", "{session}", "Sessions that ended, by reason.");
        _suspected = _meter.CreateCounter<long>("presence.sessions.suspected", "{session}", "Sessions that became suspect.");
        _recovered = _meter.CreateCounter<long>("presence.sessions.recovered", "{session}", "Sessions that recovered from suspicion: expiries that did not happen.");
        _sweepDuration = _meter.CreateHistogram<double>("presence.sweep.duration", "s", "Time that a tick took to judge all clients.");
        _callbackDuration = _meter.CreateHistogram<double>("presence.callback.duration", "s", "Time that a callback took.");
        _callbackFailures = _meter.CreateCounter<long>("presence.callback.failures", "{failure}", "Callbacks that threw.");
        _ticksWithheld = _meter.CreateCounter<long>("presence.ticks.withheld", "{tick}", "Ticks that judged nobody because the server stood still or lost heartbeats, or was told to pause.");
        _ticksHeld = _meter.CreateCounter<long>("presence.ticks.held", "{tick}", "Ticks that expired nobody because too many fell silent at once.");
    }

    public HeartbeatCounter Heartbeats { get; }

    public void SessionEnded(PresenceChanges reason) => _ended.Add(1, KeyValuePair.Create("reason", (object?)NameOf(reason)));

    public void Swept(TimeSpan duration) => _sweepDuration.Record(duration.TotalSeconds);

    public void CallbackReturned(TimeSpan duration) => _callbackDuration.Record(duration.TotalSeconds);

    public void CallbackFailed() => _callbackFailures.Add(1);

    public void Suspected(int count) => _suspected.Add(count);

    public void Recovered(int count) => _recovered.Add(count);

    public void ExpiriesHeld() => _ticksHeld.Add(1);

    public void TickWithheld() => _ticksWithheld.Add(1);

    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose(); // a factory disposes of its own
        }
    }

    private static string NameOf(PresenceChanges reason) => reason switch
    {
        PresenceChanges.Left => "left",
        PresenceChanges.Replaced => "replaced",
        PresenceChanges.Expired => "expired",
        _ => "shutdown",
    };
}
