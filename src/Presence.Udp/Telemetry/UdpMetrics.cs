using System.Diagnostics;
using System.Diagnostics.Metrics;
using Presence.Udp.Receiving;

namespace Presence.Udp.Telemetry;

/// <summary>The instruments of one listener; <c>docs/udp.md</c> lists them.</summary>
/// <remarks>A factory's meter keeps its instruments for as long as it lives, so these know what they show only weakly, and show nothing once the listener is disposed.</remarks>
internal sealed class UdpMetrics : IDisposable
{
    public const string MeterName = "Presence.Udp";

    private static readonly DatagramOutcome[] Outcomes = Enum.GetValues<DatagramOutcome>();

    private readonly WeakReference<OutcomeTotals?> _counts;
    private readonly Meter _meter;
    private readonly bool _ownsMeter;

    public UdpMetrics(IMeterFactory? meterFactory, OutcomeTotals counts)
    {
        _counts = new WeakReference<OutcomeTotals?>(counts);
        _ownsMeter = meterFactory is null;
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableCounter("presence.udp.datagrams", ObserverOf(_counts, Datagrams), "{datagram}", "Datagrams that reached the port, by what became of them.");
        _meter.CreateObservableCounter("presence.udp.acknowledgements", ObserverOf(_counts, Acknowledgements), "{datagram}", "Acknowledgements of heartbeats that asked for one.");
    }

    public void Dispose()
    {
        _counts.SetTarget(null);
        if (_ownsMeter)
        {
            _meter.Dispose(); // a factory disposes of its own
        }
    }

    private static string NameOf(DatagramOutcome outcome) => outcome switch
    {
        DatagramOutcome.Accepted => "accepted",
        DatagramOutcome.Malformed => "malformed",
        DatagramOutcome.Unknown => "unknown",
        DatagramOutcome.Stale => "stale",
        DatagramOutcome.Forged => "forged",
        DatagramOutcome.Failed => "failed",
        _ => "dropped",
    };

    private static Func<IEnumerable<Measurement<long>>> ObserverOf(WeakReference<OutcomeTotals?> counts, Func<OutcomeTotals, IEnumerable<Measurement<long>>> observe) =>
        () => counts.TryGetTarget(out OutcomeTotals? current) ? observe(current) : [];

    private static IEnumerable<Measurement<long>> Acknowledgements(OutcomeTotals counts) =>
    [
        new(counts.Acknowledged, new TagList { { "outcome", "sent" } }),
        new(counts.Unacknowledged, new TagList { { "outcome", "failed" } }),
    ];

    private static IEnumerable<Measurement<long>> Datagrams(OutcomeTotals counts) =>
        Outcomes.Select(outcome => new Measurement<long>(counts[outcome], new TagList { { "outcome", NameOf(outcome) } }));
}
