using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Presence.AspNetCore.Health;

/// <summary>Watches a tracker's ticks and what it counts, from the start of the host on.</summary>
/// <remarks>Thread safety: full. <c>_watching</c> guards the counts and times.</remarks>
internal sealed class TrackerWatch : IHostedService, IDisposable
{
    /// <summary>So many intervals without a tick, and ticks have stopped; one that was withheld so long ago is over.</summary>
    private const int Patience = 3;

    private readonly TimeSpan _interval;
    private readonly TimeSpan _callbackTimeout;
    private readonly TimeProvider _clock;
    private readonly IDisposable _ticks;
    private readonly MeterListener _listener;
    private readonly Trouble _withheld;
    private readonly Trouble _held;
    private readonly Lock _watching = new();
    private double _oldestCallback;
    private long _tickedAt;

    public TrackerWatch(IPresenceTracker tracker, PresenceOptions options, Meter meter, TimeProvider clock)
    {
        (_interval, _callbackTimeout, _clock) = (options.TickInterval, options.CallbackTimeout, clock);
        _withheld = new Trouble(clock);
        _held = new Trouble(clock);
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter) && instrument.Name is "presence.ticks.withheld" or "presence.ticks.held" or "presence.callback.oldest")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) => (instrument.Name == "presence.ticks.withheld" ? _withheld : _held).Note(count));
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _oldestCallback = seconds);
        _listener.Start();
        _tickedAt = clock.GetTimestamp();
        _ticks = tracker.AddTickGuard(OnTick);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask; // it was made, which is what was wanted

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public HealthCheckResult Check()
    {
        lock (_watching)
        {
            _listener.RecordObservableInstruments();
            TimeSpan sinceTick = _clock.GetElapsedTime(_tickedAt);
            if (sinceTick > Patience * _interval)
            {
                return HealthCheckResult.Unhealthy($"No tick for {sinceTick}, where one is due each {_interval}: nobody is judged.");
            }

            string[] reasons =
            [
                .. _withheld.IsWithin(Patience * _interval) ? ["Ticks are withheld, so they count against nobody: this server stands still now and then, loses heartbeats, or was told to pause."] : Array.Empty<string>(),
                .. _held.IsWithin(Patience * _interval) ? ["Expiries are held, because too many clients fell silent at once: likely this server's network is down."] : Array.Empty<string>(),
                .. _oldestCallback >= _callbackTimeout.TotalSeconds ? [$"A callback has not returned for {TimeSpan.FromSeconds(_oldestCallback)}: what it was to tear down may still stand."] : Array.Empty<string>(),
            ];
            return reasons.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', reasons));
        }
    }

    public void Dispose()
    {
        _ticks.Dispose();
        _listener.Dispose();
    }

    private bool OnTick()
    {
        lock (_watching)
        {
            _tickedAt = _clock.GetTimestamp();
            _listener.RecordObservableInstruments(); // what earlier ticks did
        }

        return false;
    }
}
