using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Presence.Telemetry;

/// <summary>The instruments of one meter, and what all its trackers have counted since it was made; <c>docs/telemetry.md</c> lists them.</summary>
/// <remarks>
/// A meter keeps its instruments for as long as it lives. So trackers share one set, which knows those that live only weakly: a tracker for each room or
/// match is free to go, and what it counted stays. Thread safety: full.
/// </remarks>
internal sealed class PresenceInstruments
{
    private static readonly ConditionalWeakTable<Meter, PresenceInstruments> ByMeter = [];

    private readonly ConditionalWeakTable<PresenceMetrics, object?> _trackers = []; // used as a set that keeps nobody
    private readonly Dictionary<PresenceChanges, Tally> _ended = new()
    {
        [PresenceChanges.Left] = new(),
        [PresenceChanges.Replaced] = new(),
        [PresenceChanges.Expired] = new(),
        [PresenceChanges.Shutdown] = new(),
    };

    private bool _isPublished;

    private PresenceInstruments()
    {
    }

    public HeartbeatCounter Heartbeats { get; } = new();

    public Tally Suspected { get; } = new();

    public Tally Recovered { get; } = new();

    public Tally CallbackFailures { get; } = new();

    public Tally CallbacksGivenUp { get; } = new();

    public Tally TicksWithheld { get; } = new();

    public Tally TicksHeld { get; } = new();

    public Tally ListenerFailures { get; } = new();

    public Tally LoggerFailures { get; } = new();

    /// <summary>Null while it is being published, or if a listener's exception came of that.</summary>
    public Histogram<double>? SweepDuration { get; private set; }

    /// <summary>Null while it is being published, or if a listener's exception came of that.</summary>
    public Histogram<double>? CallbackDuration { get; private set; }

    /// <summary>The instruments of a meter, for a tracker that starts.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="tracker">Shown by the gauges until it is removed, or gone.</param>
    public static PresenceInstruments Register(Meter meter, PresenceMetrics tracker)
    {
        PresenceInstruments instruments = ByMeter.GetValue(meter, static _ => new PresenceInstruments());
        instruments._trackers.Add(tracker, null);
        return instruments;
    }

    public void Remove(PresenceMetrics tracker) => _trackers.Remove(tracker);

    public Tally Ended(PresenceChanges reason) => _ended[reason];

    /// <summary>Publishes the instruments, the first time. Listeners run, so no lock is held: another tracker may start meanwhile.</summary>
    /// <param name="meter">Their meter.</param>
    /// <param name="runListeners">Runs what runs listeners. No instrument keeps it, as it belongs to a tracker.</param>
    public void Publish(Meter meter, Action<Action> runListeners)
    {
        if (Interlocked.Exchange(ref _isPublished, true))
        {
            return;
        }

        foreach (Action publish in Publications(meter))
        {
            runListeners(publish);
        }
    }

    private Action[] Publications(Meter meter) =>
    [
        () => meter.CreateObservableUpDownCounter("presence.clients.online", CountOnline, "{client}", "Clients that are online."),
        () => Heartbeats.Publish(meter),
        Counter(meter, "presence.sessions.ended", "{session}", "Sessions that ended, by reason.", [.. _ended.Select(ended => (ended.Value, Tag("reason", NameOf(ended.Key))))]),
        Counter(meter, "presence.sessions.suspected", "{session}", "Sessions that became suspect.", (Suspected, [])),
        Counter(meter, "presence.sessions.recovered", "{session}", "Sessions that recovered from suspicion: expiries that did not happen.", (Recovered, [])),
        () => SweepDuration = meter.CreateHistogram<double>("presence.sweep.duration", "s", "Time that a tick took to judge all clients."),
        () => CallbackDuration = meter.CreateHistogram<double>("presence.callback.duration", "s", "Time that a callback took."),
        Counter(meter, "presence.callback.failures", "{failure}", "Callbacks that threw.", (CallbackFailures, [])),
        () => meter.CreateObservableUpDownCounter("presence.callback.running", CountCallbacks, "{callback}", "Callbacks that have not returned, also those given up."),
        () => meter.CreateObservableGauge("presence.callback.oldest", AgeOfOldestCallback, "s", "How long the callback that runs longest has run."),
        Counter(meter, "presence.callback.given_up", "{callback}", "Callbacks that did not return in time, and are waited for no longer.", (CallbacksGivenUp, [])),
        Counter(meter, "presence.ticks.withheld", "{tick}", "Ticks that judged nobody because the server stood still or lost heartbeats, or was told to pause.", (TicksWithheld, [])),
        Counter(meter, "presence.ticks.held", "{tick}", "Ticks that expired nobody because too many fell silent at once.", (TicksHeld, [])),
        Counter(meter, "presence.telemetry.failures", "{failure}", "Calls of the host's meter listeners and loggers that threw, by source.", (ListenerFailures, Tag("source", "listener")), (LoggerFailures, Tag("source", "logger"))),
    ];

    private static Action Counter(Meter meter, string name, string unit, string description, params (Tally Tally, KeyValuePair<string, object?>[] Tags)[] counts) =>
        () => meter.CreateObservableCounter<long>(name, () => counts.Select(count => new Measurement<long>(count.Tally.Value, count.Tags)), unit, description);

    private static KeyValuePair<string, object?>[] Tag(string name, string value) => [KeyValuePair.Create(name, (object?)value)];

    private static string NameOf(PresenceChanges reason) => reason switch
    {
        PresenceChanges.Left => "left",
        PresenceChanges.Replaced => "replaced",
        PresenceChanges.Expired => "expired",
        _ => "shutdown",
    };

    private long CountCallbacks() => _trackers.Sum(tracker => tracker.Key.RunningCallbacks?.Count ?? 0L);

    private double AgeOfOldestCallback() => _trackers.Select(tracker => tracker.Key.RunningCallbacks?.OldestAge.TotalSeconds ?? 0).DefaultIfEmpty().Max();

    private long CountOnline() => _trackers.Sum(tracker => tracker.Key.Online);
}
