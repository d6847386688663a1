using System.Diagnostics;
using System.Diagnostics.Metrics;
using Presence.Udp.Receiving;

namespace Presence.Udp.Telemetry;

/// <summary>The instruments of one listener; <c>docs/udp.md</c> lists them.</summary>
internal sealed class UdpMetrics : IDisposable
{
    public const string MeterName = "Presence.Udp";

    private static readonly DatagramOutcome[] Outcomes = Enum.GetValues<DatagramOutcome>();

    private readonly OutcomeTotals _counts;
    private readonly Meter _meter;
    private readonly bool _ownsMeter;

    public UdpMetrics(IMeterFactory? meterFactory, OutcomeTotals counts)
    {
        _counts = counts;
        _ownsMeter = meterFactory is null;
        _meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableCounter("presence.udp.datagrams", Observe, "{datagram}", "Datagrams that reached the port, by what became of them.");
        _meter.CreateObservableCounter("presence.udp.acknowledgements", ObserveAcknowledgements, "{datagram}", "Acknowledgements of heartbeats that asked for one.");
    }

    public void Dispose()
    {
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

    private IEnumerable<Measurement<long>> ObserveAcknowledgements() =>
    [
        new(_counts.Acknowledged, new TagList { { "outcome", "sent" } }),
        new(_counts.Unacknowledged, new TagList { { "outcome", "failed" } }),
    ];

    private IEnumerable<Measurement<long>> Observe() =>
        Outcomes.Select(outcome => new Measurement<long>(_counts[outcome], new TagList { { "outcome", NameOf(outcome) } }));
}
