namespace Presence.Udp.Receiving;

/// <summary>Decides about each datagram, the cheapest check first, and puts heartbeats that are genuine and newer into the sink.</summary>
/// <remarks>
/// The sequence is checked before the tag but committed only after it, so that no forged datagram with a huge sequence locks the real
/// client out. Thread safety: none, as the tag's; any number of verifiers may share keys.
/// </remarks>
internal sealed class HeartbeatVerifier(IHeartbeatSink sink, HeartbeatKeys keys) : IDisposable
{
    private readonly HeartbeatTag _tag = new();

    public DatagramOutcome Accept(ReadOnlySpan<byte> datagram)
    {
        if (!HeartbeatDatagram.TryRead(datagram, out SessionId session, out ulong sequence))
        {
            return DatagramOutcome.Malformed;
        }

        if (keys.Find(session) is not { } keyed)
        {
            return DatagramOutcome.Unknown;
        }

        if (!keyed.IsNewer(sequence))
        {
            return DatagramOutcome.Stale;
        }

        if (!_tag.IsGenuine(keyed.Key, datagram))
        {
            return DatagramOutcome.Forged;
        }

        if (!keyed.TryCommit(sequence))
        {
            return DatagramOutcome.Stale;
        }

        return sink.Heartbeat(session) ? DatagramOutcome.Accepted : DatagramOutcome.Unknown;
    }

    public void Dispose() => _tag.Dispose();
}
