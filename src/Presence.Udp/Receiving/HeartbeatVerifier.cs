namespace Presence.Udp.Receiving;

/// <summary>Decides about each datagram, the cheapest check first, and puts heartbeats that are genuine and newer into the sink.</summary>
/// <remarks>
/// The sequence is checked before the tag but committed only after it, so that no forged datagram with a huge sequence locks the real
/// client out. Thread safety: none, as the tag's; any number of verifiers may share keys.
/// </remarks>
internal sealed class HeartbeatVerifier(IHeartbeatSink sink, HeartbeatKeys keys, BeatCensus census, OutcomeCounts counts) : IDisposable
{
    private readonly HeartbeatTag _tag = new();

    /// <summary>Brings the memory that <see cref="Accept"/> is going to need into the cache, and does nothing else.</summary>
    /// <remarks>
    /// The tag takes so long that a processor does not see the next datagram's lookup coming. Done for a whole batch before the first tag, the
    /// lookups wait for memory all at once: at a million sessions that saves a quarter of the cost.
    /// </remarks>
    /// <returns>Something that depends on that memory, or else it need not be read.</returns>
    public bool Touch(ReadOnlySpan<byte> datagram) =>
        HeartbeatDatagram.TryReadHeartbeat(datagram, out ulong session, out ulong sequence) && keys.Find(session)?.IsNewer(sequence) == true;

    /// <summary>Decides about a datagram.</summary>
    /// <param name="datagram">What was received.</param>
    /// <param name="asking">Whose it is, if it is genuine, newer and asks for an acknowledgement: no other is ever answered.</param>
    public DatagramOutcome Accept(ReadOnlySpan<byte> datagram, out KeyedSession? asking)
    {
        asking = null;
        if (!HeartbeatDatagram.TryReadHeartbeat(datagram, out ulong session, out ulong sequence))
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

        if (!sink.Heartbeat(new SessionId(session)))
        {
            return DatagramOutcome.Unknown;
        }

        if (keyed.TryCount(census.Period))
        {
            counts.AddBeating();
        }

        asking = HeartbeatDatagram.AsksForAcknowledgement(datagram) ? keyed : null;
        return DatagramOutcome.Accepted;
    }

    /// <summary>Writes the acknowledgement of a heartbeat that was accepted and asks for it.</summary>
    public void Acknowledge(ReadOnlySpan<byte> heartbeat, KeyedSession asking, Span<byte> acknowledgement)
    {
        HeartbeatDatagram.TryReadHeartbeat(heartbeat, out ulong session, out ulong sequence);
        HeartbeatDatagram.WriteAcknowledgement(acknowledgement, session, sequence);
        _tag.Sign(asking.Key, acknowledgement); // by a wiped key if the session ends just now: then nobody takes it
    }

    public void Dispose() => _tag.Dispose();
}
