using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Presence.Tests.Telemetry;

[TestFixture]
public sealed class PresenceMetricsTests
{
    private ServiceProvider _services = null!;
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks, meterFactory: _services.GetRequiredService<IMeterFactory>());
    }

    [TearDown]
    public void TearDown()
    {
        _tracker.Dispose();
        _services.Dispose();
    }

    [Test]
    public void ClientsOnline_IsHowManyThereAre()
    {
        using MetricCollector<long> online = Collect<long>("presence.clients.online");
        _tracker.Join("a");
        _tracker.Join("b");
        _tracker.Join("b");
        _tracker.Leave("a");

        online.RecordObservableInstruments();

        Assert.That(online.LastMeasurement!.Value, Is.EqualTo(1));
    }

    [Test]
    public void Heartbeats_AreCountedByOutcomeFromAllThreads()
    {
        using MetricCollector<long> heartbeats = Collect<long>("presence.heartbeats");
        _tracker.Join("a");
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                _tracker.Heartbeat("a");
                _tracker.Heartbeat("nobody");
            }
        });

        heartbeats.RecordObservableInstruments();

        Assert.That(
            heartbeats.GetMeasurementSnapshot().Select(measurement => (measurement.Tags["outcome"], measurement.Value)),
            Is.EqualTo(new[] { ((object?)"accepted", 40_000L), ("unknown", 40_000L) }));
    }

    [Test]
    public void Heartbeats_AreCountedOnlyWhileSomebodyListens()
    {
        _tracker.Join("a");
        Beat();
        using (MetricCollector<long> first = Collect<long>("presence.heartbeats"))
        {
            Beat();
            first.RecordObservableInstruments();
            Assert.That(first.GetMeasurementSnapshot().Select(measurement => measurement.Value), Is.EqualTo(new[] { 1, 1 }), "with the first listener");
        }

        Beat();
        using MetricCollector<long> second = Collect<long>("presence.heartbeats");
        Beat();
        second.RecordObservableInstruments();
        Assert.That(second.GetMeasurementSnapshot().Select(measurement => measurement.Value), Is.EqualTo(new[] { 2, 2 }), "with the second");

        void Beat()
        {
            _tracker.Heartbeat("a");
            _tracker.Heartbeat("nobody");
        }
    }

    [Test]
    public void Heartbeats_ThatAreCounted_AllocateOnlyAtTheFirstOfAThread()
    {
        using MetricCollector<long> heartbeats = Collect<long>("presence.heartbeats");
        SessionId session = _tracker.Join("a").Session;
        using var another = new PresenceTracker(tickSource: _ticks, meterFactory: _services.GetRequiredService<IMeterFactory>());
        SessionId elsewhere = another.Join("a").Session;
        (long first, long later) = (0, 0);
        var thread = new Thread(() =>
        {
            first = Beat(1);
            later = Beat(1000);
        });

        thread.Start();
        thread.Join();

        Assert.That(first, Is.Positive, "a cell for the thread's counts");
        Assert.That(later, Is.Zero);

        long Beat(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                _tracker.Heartbeat(session);
                another.Heartbeat(elsewhere);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Test]
    public void SessionsEnded_AreCountedByReason()
    {
        using MetricCollector<long> ended = Collect<long>("presence.sessions.ended");
        _tracker.Join("a");
        _tracker.Join("a");
        _tracker.Leave("a");
        _tracker.Join("a");
        _ticks.Advance(6);
        _tracker.TryJoin("a", out _); // sees to the end of the expired one
        _tracker.Dispose();

        ended.RecordObservableInstruments();
        Assert.That(
            ended.GetMeasurementSnapshot().Select(measurement => (measurement.Tags["reason"], measurement.Value)),
            Is.EqualTo(new[] { ((object?)"left", 1L), ("replaced", 1L), ("expired", 1L), ("shutdown", 1L) }));
    }

    [Test]
    public async Task Callbacks_AreTimedAndTheirFailuresCounted()
    {
        using MetricCollector<double> durations = Collect<double>("presence.callback.duration");
        using MetricCollector<long> failures = Collect<long>("presence.callback.failures");
        using IDisposable registration = _tracker.OnClientExpired(change => change.ClientId == "a" ? throw new InvalidOperationException() : default);
        _tracker.Join("a");
        _tracker.Join("b");

        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(durations.GetMeasurementSnapshot(), Has.Count.EqualTo(2));
        failures.RecordObservableInstruments();
        Assert.That(failures.LastMeasurement!.Value, Is.EqualTo(1));
    }

    [Test]
    public void Ticks_AreTimedOrCountedAsWithheld()
    {
        using MetricCollector<double> sweeps = Collect<double>("presence.sweep.duration");
        using MetricCollector<long> withheld = Collect<long>("presence.ticks.withheld");

        _ticks.Advance(2);
        _ticks.AdvanceLate(TimeSpan.FromSeconds(30));

        withheld.RecordObservableInstruments();
        Assert.That((sweeps.GetMeasurementSnapshot().Count, withheld.LastMeasurement!.Value), Is.EqualTo((2, 1)));
    }

    private MetricCollector<T> Collect<T>(string instrument)
        where T : struct => new(_services.GetRequiredService<IMeterFactory>(), "Presence", instrument);
}
