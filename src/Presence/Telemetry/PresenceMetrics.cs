using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Changes;

namespace Presence.Telemetry;

/// <summary>What one tracker measures.</summary>
/// <remarks>
/// Listeners are the host's code. Counts are only read by them, from their own threads; durations are handed to them, which is done outside locks.
/// Thread safety: full.
/// </remarks>
internal sealed class PresenceMetrics : IDisposable
{
    public const string MeterName = "Presence";

    /// <summary>For trackers without a factory, by their names. Never disposed of: any number of trackers may come and go.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Meter>> Shared = new();

    private readonly PresenceInstruments _instruments;
    private readonly Func<long> _online;
    private readonly ILogger _logger;
    private bool _isFailureLogged;

    public PresenceMetrics(IMeterFactory? meterFactory, Func<long> online, ILogger? logger = null, string? name = null)
    {
        _online = online;
        _logger = new SafeLogger(logger ?? NullLogger.Instance, this);
        Meter meter = meterFactory?.Create(MeterOf(name)) ?? Shared.GetOrAdd(name ?? "", static (_, options) => new(() => new Meter(options)), MeterOf(name)).Value;
        _instruments = PresenceInstruments.Register(meter, this);
        _instruments.Publish(meter, RunListeners);
    }

    public HeartbeatCounter Heartbeats => _instruments.Heartbeats;

    public long Online => _online();

    /// <summary>For the gauges; null in a tracker that is just being made.</summary>
    public RunningCallbacks? RunningCallbacks { get; set; }

    public void SessionEnded(PresenceChanges reason) => _instruments.Ended(reason).Add();

    /// <summary>Runs listeners, so no lock is held.</summary>
    public void Swept(TimeSpan duration) => Record(_instruments.SweepDuration, duration);

    /// <summary>Runs listeners, so no lock is held.</summary>
    public void CallbackReturned(TimeSpan duration) => Record(_instruments.CallbackDuration, duration);

    public void CallbackGivenUp() => _instruments.CallbacksGivenUp.Add();

    public void CallbackFailed() => _instruments.CallbackFailures.Add();

    public void Suspected(int count) => _instruments.Suspected.Add(count);

    public void Recovered(int count) => _instruments.Recovered.Add(count);

    public void ExpiriesHeld() => _instruments.TicksHeld.Add();

    public void TickWithheld() => _instruments.TicksWithheld.Add();

    public void LoggerFailed() => _instruments.LoggerFailures.Add();

    /// <summary>Shows the tracker's gauges no more. What it has counted stays.</summary>
    public void Dispose() => _instruments.Remove(this);

    private static MeterOptions MeterOf(string? name) => new(MeterName) { Tags = name is null ? null : [KeyValuePair.Create("presence.tracker", (object?)name)] };

    private void Record(Histogram<double>? histogram, TimeSpan duration)
    {
        try
        {
            histogram?.Record(duration.TotalSeconds);
        }
        catch (Exception exception)
        {
            OnListenerFailed(exception);
        }
    }

    private void RunListeners(Action publish)
    {
        try
        {
            publish();
        }
        catch (Exception exception)
        {
            OnListenerFailed(exception);
        }
    }

    private void OnListenerFailed(Exception exception)
    {
        _instruments.ListenerFailures.Add();
        if (!Interlocked.Exchange(ref _isFailureLogged, true)) // the next ones would be as many as ticks and callbacks
        {
            Log.ListenerFailed(_logger, exception);
        }
    }
}
