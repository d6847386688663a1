using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;

namespace Presence.Tests.Telemetry;

/// <summary>Loggers and listeners are the host's own code: they throw, and they wait for others.</summary>
[TestFixture]
public sealed class HostileTelemetryTests
{
    private ServiceProvider _services = null!;
    private ManualTickSource _ticks = null!;
    private HostLogger _logger = null!;
    private MeterListener _listener = null!;
    private PresenceTracker _tracker = null!;

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    [SetUp]
    public void SetUp()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ticks = new ManualTickSource();
        _logger = new HostLogger();
        _listener = new MeterListener();
        _tracker = null!;
    }

    [TearDown]
    public void TearDown()
    {
        _logger.OnLog = () => { };
        _listener.Dispose();
        _tracker?.Dispose();
        _services.Dispose();
    }

    [Test]
    public async Task End_WhenEveryListenerThrows_IsToldAllTheSame()
    {
        Start();
        Listen(() => throw new InvalidOperationException("listener"));
        var told = new List<PresenceChanges>();
        using IDisposable registration = _tracker.OnChange(PresenceChanges.Ended, change => Add(told, change.Kind));
        _tracker.Join("a");
        _tracker.Join("a");
        Assert.That(_tracker.Leave("a"), Is.True);
        _tracker.Join("a");
        _ticks.Advance(6);

        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(told, Is.EqualTo(new[] { PresenceChanges.Replaced, PresenceChanges.Left, PresenceChanges.Expired }));
    }

    [Test]
    public async Task End_WhenTheLoggerThrows_IsToldAllTheSame()
    {
        _logger.OnLog = () => throw new InvalidOperationException("logger");
        Start();
        var told = new List<PresenceChanges>();
        using IDisposable failing = _tracker.OnChange(PresenceChanges.Ended, _ => throw new InvalidOperationException("callback"));
        using IDisposable registration = _tracker.OnChange(PresenceChanges.Ended, change => Add(told, change.Kind));
        _tracker.Join("a");
        _ticks.Advance(6); // logs that it expired somebody
        _ticks.AdvanceLate(TimeSpan.FromSeconds(9));
        _ticks.Advance(); // logs that a stall is over
        _tracker.Join("a");
        _tracker.Leave("a");

        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(told, Is.EqualTo(new[] { PresenceChanges.Expired, PresenceChanges.Left }));
        Assert.That(_logger.Calls, Is.GreaterThanOrEqualTo(4), "each was tried");
    }

    [Test]
    public async Task Constructor_WhenAListenerThrowsAtEachInstrument_MakesATrackerThatWorks()
    {
        _listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == Meters)
            {
                throw new InvalidOperationException("listener");
            }
        };
        _listener.Start();

        Start();
        _tracker.Join("a");
        _tracker.Heartbeat("a");
        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void Failures_AreCountedBySourceAndAListenersFirstIsLogged()
    {
        Start();
        Listen(() => throw new InvalidOperationException("listener"));
        _logger.OnLog = () => throw new InvalidOperationException("logger");
        using var failures = new MetricCollector<long>(Meters, "Presence", "presence.telemetry.failures");

        _ticks.Advance(3);
        failures.RecordObservableInstruments();

        Assert.That(
            failures.GetMeasurementSnapshot().Select(measurement => (measurement.Tags["source"], measurement.Value)),
            Is.EquivalentTo(new[] { ((object?)"listener", 3L), ("logger", 1L) }));
    }

    [Test]
    public void Listener_ThatWaitsForTheTrackersDisposal_Ends() =>
        WaitsForDisposal(wait => Listen(wait));

    [Test]
    public void Logger_ThatWaitsForTheTrackersDisposal_Ends() =>
        WaitsForDisposal(wait => _logger.OnLog = wait);

    [Test]
    public void Logger_OfAGuardThatWaitsForTheTrackersDisposal_Ends()
    {
        Start();
        WaitsForDisposal(
            wait =>
            {
                _ticks.AdvanceLate(TimeSpan.FromSeconds(9));
                _logger.OnLog = wait;
            });
    }

    [Test]
    public void Guard_ThatWaitsForTheTrackersDisposal_Ends()
    {
        Start();
        WaitsForDisposal(wait => _tracker.AddTickGuard(() =>
        {
            wait();
            return false;
        }));
    }

    /// <summary>Has a tick call the host's code, which waits until another thread has disposed of the tracker. That takes every lock of a tick.</summary>
    private void WaitsForDisposal(Action<Action> callOnTick)
    {
        Start();
        bool? disposed = null;
        callOnTick(() => disposed ??= Task.Run(_tracker.Dispose).Wait(TimeSpan.FromSeconds(10)));
        _tracker.Join("a");

        _ticks.Advance(6);

        Assert.That(disposed, Is.True);
    }

    private void Start() => _tracker ??= new PresenceTracker(tickSource: _ticks, logger: _logger, meterFactory: Meters);

    private void Listen(Action onMeasurement)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == Meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => onMeasurement());
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => onMeasurement());
        _listener.Start();
    }

    private static ValueTask Add(List<PresenceChanges> told, PresenceChanges kind)
    {
        told.Add(kind);
        return default;
    }

    private sealed class HostLogger : ILogger<PresenceTracker>
    {
        private int _calls;

        public Action OnLog { get; set; } = () => { };

        public int Calls => Volatile.Read(ref _calls);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _calls);
            OnLog();
        }
    }
}
