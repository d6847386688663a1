using System.Net;

namespace Presence.Udp.Sending;

/// <summary>What a session knows of its server: which address answers, and since when nothing does.</summary>
/// <remarks>Thread safety: none; a session guards its own.</remarks>
internal sealed class Confirmation
{
    /// <summary>With short intervals answers may take several; so long they may take in any case, if the limit allows.</summary>
    private static readonly TimeSpan LongestRoundTrip = TimeSpan.FromMilliseconds(500);

    private readonly HeartbeatSenderOptions _options;
    private readonly AskedHeartbeats _asked = new();
    private readonly TimeSpan _expiry;
    private readonly TimeSpan _patience;
    private TimeSpan _heardAt;
    private long _beats;

    public Confirmation(HeartbeatSenderOptions options, TimeSpan start)
    {
        _options = options;
        _heardAt = start;
        _expiry = options.Interval * (options.ExpireAfter + 1.0);
        TimeSpan intervals = options.Interval * (options.ExpireAfter >= 3 ? 2 : 1); // one loss is ordinary, if the limit bears with it
        TimeSpan roundTrip = LongestRoundTrip < _expiry / 2 ? LongestRoundTrip : _expiry / 2;
        _patience = (intervals > roundTrip ? intervals : roundTrip) - (options.Interval / 4); // it is asked at beats, of which one may come a little early
    }

    /// <summary>The address that answered last; null before any did, and after <see cref="Forget"/>.</summary>
    public IPAddress? Address { get; private set; }

    public TimeSpan? RoundTripTime => _asked.RoundTripTime;

    public long Acknowledged { get; private set; }

    /// <summary>Whether the next heartbeat asks: each n-th does, and all do while an answer is due.</summary>
    public bool NextAsks() => _options.AcknowledgeEach > 0 && (_beats++ % _options.AcknowledgeEach == 0 || _asked.UnansweredSince is not null);

    public void Ask(ulong sequence, TimeSpan now, IPAddress address, bool isTrial) => _asked.Ask(sequence, now, address, isTrial);

    public bool Awaits(ulong sequence) => _asked.Awaits(sequence);

    /// <summary>Takes an acknowledgement that is awaited.</summary>
    /// <returns>When the heartbeat that it is for was sent.</returns>
    public TimeSpan Answer(ulong sequence, TimeSpan now)
    {
        (TimeSpan sentAt, Address) = _asked.Answer(sequence, now);
        Acknowledged++;
        Hear(sentAt);
        return sentAt;
    }

    /// <summary>Takes it for known that the server has taken what was sent at a moment, on whatever way.</summary>
    public void Hear(TimeSpan sentAt) => _heardAt = sentAt > _heardAt ? sentAt : _heardAt;

    /// <summary>Has all addresses tried again.</summary>
    public void Forget() => Address = null;

    /// <summary>Whether the server has not answered for longer than a loss or two.</summary>
    public bool IsUnanswered(TimeSpan now) => _asked.UnansweredSince is { } since && now - since >= _patience;

    /// <summary>Whether nothing is known to have reached the server for the limit's time.</summary>
    public bool IsOver(TimeSpan now) => _options.AcknowledgeEach > 0 && now - _heardAt >= _expiry;

    public double? Loss(TimeSpan now) => _asked.Loss(now, _patience);
}
