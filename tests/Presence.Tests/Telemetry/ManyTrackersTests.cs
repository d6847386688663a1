using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Presence.Tests.Telemetry;

/// <summary>A tracker for each room or match, on one meter, which can never let go of an instrument.</summary>
[TestFixture]
public sealed class ManyTrackersTests
{
    private ServiceProvider _services = null!;

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    [SetUp]
    public void SetUp() => _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    [TearDown]
    public void TearDown() => _services.Dispose();

    [TestCase(true)]
    [TestCase(false)]
    public void Tracker_ThatWasDisposed_IsFreeToGo(bool withFactory) =>
        Assert.That(Unreachable.IsGone(Unreachable.Made(() =>
        {
            PresenceTracker tracker = Use(withFactory ? Meters : null);
            tracker.Dispose();
            return tracker;
        })));

    [TestCase(true)]
    [TestCase(false)]
    public void Tracker_ThatNobodyHoldsOrDisposed_IsFreeToGo(bool withFactory) =>
        Assert.That(Unreachable.IsGone(Unreachable.Made(() => Use(withFactory ? Meters : null))));

    /// <summary>The host holds the source, as a game loop does, and makes a tracker for each match.</summary>
    [Test]
    public void Tracker_OnASourceThatTheHostHolds_IsFreeToGo()
    {
        var manual = new ManualTickSource();
        var loop = new LoopTickSource(TimeSpan.FromSeconds(1));
        foreach (ITickSource source in (ITickSource[])[manual, loop])
        {
            Assert.That(Unreachable.IsGone(Unreachable.Made(() => new PresenceTracker(tickSource: source))), $"{source}");
        }

        manual.Advance(); // takes what is left of it off the source
        loop.Update(TimeSpan.FromSeconds(1));
        manual.Advance();
        loop.Update(TimeSpan.FromSeconds(1));
    }

    [Test]
    public void Trackers_OnOneMeter_ShareItsInstrumentsAndTheirTotalsNeverFall()
    {
        var published = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Scope == Meters)
                {
                    published.Add(instrument.Name);
                }
            },
        };
        listener.Start();
        using PresenceTracker first = Use(Meters);
        int instruments = published.Count;
        for (int i = 0; i < 50; i++)
        {
            Use(Meters).Dispose();
        }

        using PresenceTracker last = Use(Meters);

        Assert.That(published, Has.Count.EqualTo(instruments), "instruments");
        Assert.That(Read("presence.clients.online"), Is.EqualTo(new[] { 2L }), "online in the first and the last");
        Assert.That(Read("presence.sessions.ended"), Is.EqualTo(new[] { 52L, 0L, 0L, 50L }), "left, replaced, expired, shutdown");
    }

    [Test]
    public void Instruments_BeforeAnythingHappened_ShowZero()
    {
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource(), meterFactory: Meters);
        string[] counters = ["clients.online", "heartbeats", "sessions.ended", "sessions.suspected", "sessions.recovered", "callback.failures", "ticks.withheld", "ticks.held", "telemetry.failures"];

        foreach (string counter in counters)
        {
            long[] values = Read($"presence.{counter}");
            Assert.That(values, Is.Not.Empty.And.All.Zero, counter);
        }
    }

    /// <summary>A tracker that one client has left and in which one is online.</summary>
    private static PresenceTracker Use(IMeterFactory? meters)
    {
        var tracker = new PresenceTracker(tickSource: new ManualTickSource(), meterFactory: meters);
        tracker.Join("gone");
        tracker.Leave("gone");
        tracker.Join("here");
        return tracker;
    }

    private long[] Read(string instrument)
    {
        using var collector = new MetricCollector<long>(Meters, "Presence", instrument);
        collector.RecordObservableInstruments();
        return [.. collector.GetMeasurementSnapshot().Select(measurement => measurement.Value)];
    }
}
