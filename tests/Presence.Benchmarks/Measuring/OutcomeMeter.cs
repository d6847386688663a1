using System.Diagnostics.Metrics;

namespace Presence.Benchmarks.Measuring;

/// <summary>Reads how many datagrams listeners have received, by outcome.</summary>
internal sealed class OutcomeMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = [];

    public OutcomeMeter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "presence.udp.datagrams")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _counts[(string)tags[0].Value!] = value);
        _listener.Start();
    }

    /// <summary>The count of the listener that there is.</summary>
    public long Read(string outcome)
    {
        _listener.RecordObservableInstruments();
        return _counts[outcome];
    }

    public void Dispose() => _listener.Dispose();
}
