namespace Presence.Udp.Receiving;

/// <summary>What became of a datagram, in the order of the checks; and what else the receiver counts and logs.</summary>
internal enum DatagramOutcome
{
    /// <summary>A genuine and newer heartbeat of a session that is online.</summary>
    Accepted,

    /// <summary>Not a heartbeat by its length, magic, version or type.</summary>
    Malformed,

    /// <summary>Its session is over, was never there, or has no key.</summary>
    Unknown,

    /// <summary>Its sequence is not above the last that was accepted: a replay, a duplicate, or overtaken on the way.</summary>
    Stale,

    /// <summary>Its tag does not match.</summary>
    Forged,

    /// <summary>Genuine, but the sink threw.</summary>
    Failed,

    /// <summary>Lost in this host's kernel, mostly because the receive buffer was full.</summary>
    Dropped,
}
