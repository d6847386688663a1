namespace Presence.Udp.Receiving;

/// <summary>Judges at each tick whether heartbeats were lost on this host: by how many arrived, and never by the kernel's counter of drops alone.</summary>
/// <remarks>
/// <para>That counter moves for whatever the kernel throws away, such as a datagram with a wrong checksum, and anybody can send those. So a drop only raises
/// the question, and the answer is whether clearly fewer sessions beat in this tick than it takes from those that have a key.</para>
/// <para>Sessions are counted and not datagrams, once a tick each, so that one client that beats a thousand times makes nobody expect a thousand. What share of them
/// beats in a tick is learned from ticks on which nothing was lost: clients may beat less often than the server ticks. Thread safety: for ticks, which come
/// one at a time.</para>
/// </remarks>
internal sealed class HeartbeatLoss
{
    /// <summary>How much of what is known of the share a tick replaces.</summary>
    private const double Weight = 1.0 / 8;

    /// <summary>A loss of less than this is no more than a network's; with more, chance would expire clients of a large server.</summary>
    private const double MinShareLost = 1.0 / 8;

    /// <summary>Of a few clients, chance leaves out some in any tick: so many standard deviations of a count are chance.</summary>
    private const double Deviations = 2;

    private double _share = 1; // every client beats once a tick, until something else is known
    private long _lastOnline;

    /// <summary>Judges a tick.</summary>
    /// <param name="beating">How many sessions beat since the last tick.</param>
    /// <param name="online">How many have a key now.</param>
    /// <param name="haveDropped">Whether the kernel dropped anything since the last tick.</param>
    public bool IsLost(long beating, long online, bool haveDropped)
    {
        long throughout = Math.Min(online, _lastOnline); // who just logged in is yet to beat
        _lastOnline = online;
        double expected = _share * throughout;
        double missing = expected - beating;
        if (haveDropped && missing > 0 && missing >= MinShareLost * expected && missing >= Math.Min(expected / 2, Deviations * Math.Sqrt(expected)))
        {
            return true; // and says nothing about the share
        }

        if (throughout > 0)
        {
            _share += Weight * (Math.Min(1, (double)beating / throughout) - _share);
        }

        return false;
    }
}
