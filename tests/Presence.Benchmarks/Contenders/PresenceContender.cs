using System.Diagnostics.Metrics;

namespace Presence.Benchmarks.Contenders;

internal sealed class PresenceContender : IContender
{
    private readonly Meters _meters = new();

    public PresenceContender(int expireAfter = PresenceOptions.MaxExpireAfter) =>
        Tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = expireAfter, MassExpiryShare = 1 }, Ticks, meterFactory: _meters);

    public string Name => "Presence";

    public PresenceTracker Tracker { get; }

    public ManualTickSource Ticks { get; } = new();

    public void Join(string clientId) => Tracker.Join(clientId);

    public bool Heartbeat(string clientId) => Tracker.Heartbeat(clientId);

    public void Tick() => Ticks.Advance();

    /// <summary>Lets the tracker go, without the time that it takes to end a million sessions.</summary>
    public void Dispose() => _meters.Dispose();

    /// <summary>Owns the meter, through which the runtime would keep the tracker alive.</summary>
    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _created = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _created.Add(meter);
            return meter;
        }

        public void Dispose() => _created.ForEach(meter => meter.Dispose());
    }
}
