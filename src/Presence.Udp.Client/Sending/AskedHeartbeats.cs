using System.Net;

namespace Presence.Udp.Sending;

/// <summary>The last heartbeats that asked for an acknowledgement, and what became of them.</summary>
/// <remarks>Thread safety: none; a session guards its own.</remarks>
internal sealed class AskedHeartbeats
{
    private const int Kept = 64;

    /// <summary>RFC 6298: how much of the smoothed round-trip time a measurement replaces.</summary>
    private const double Weight = 1.0 / 8;

    private readonly Asked[] _ring = new Asked[Kept];
    private long _asked;
    private ulong _lastAnswered;

    /// <summary>When the first heartbeat was sent that asked after the last one that was answered; null if there is none.</summary>
    public TimeSpan? UnansweredSince { get; private set; }

    /// <summary>Smoothed; null before the first answer.</summary>
    public TimeSpan? RoundTripTime { get; private set; }

    /// <param name="sequence">Its sequence.</param>
    /// <param name="now">When it was sent.</param>
    /// <param name="address">Where to.</param>
    /// <param name="isTrial">Whether it was one of several, to find out which address answers: then it says nothing about loss.</param>
    public void Ask(ulong sequence, TimeSpan now, IPAddress address, bool isTrial)
    {
        _ring[_asked++ % Kept] = new Asked { Sequence = sequence, SentAt = now, Address = address, IsTrial = isTrial };
        UnansweredSince ??= now;
    }

    /// <summary>Whether an answer to this sequence is still awaited.</summary>
    public bool Awaits(ulong sequence) => Find(sequence) is { } index && !_ring[index].IsAnswered;

    /// <summary>Takes an answer that is awaited.</summary>
    /// <returns>When the heartbeat was sent, and where to.</returns>
    public (TimeSpan SentAt, IPAddress Address) Answer(ulong sequence, TimeSpan now)
    {
        ref Asked asked = ref _ring[Find(sequence)!.Value];
        asked.IsAnswered = true;
        TimeSpan time = now - asked.SentAt;
        RoundTripTime = RoundTripTime is { } smoothed ? smoothed + ((time - smoothed) * Weight) : time;
        if (sequence > _lastAnswered)
        {
            _lastAnswered = sequence;
            UnansweredSince = null;
            foreach (ref readonly Asked other in _ring.AsSpan())
            {
                if (other.Sequence > sequence && (UnansweredSince is null || other.SentAt < UnansweredSince))
                {
                    UnansweredSince = other.SentAt;
                }
            }
        }

        return (asked.SentAt, asked.Address);
    }

    /// <summary>The share of those that were not answered within a time; null if all are younger.</summary>
    public double? Loss(TimeSpan now, TimeSpan within)
    {
        (int lost, int all) = (0, 0);
        foreach (ref readonly Asked asked in _ring.AsSpan())
        {
            if (asked.Sequence > 0 && !asked.IsTrial && (asked.IsAnswered || now - asked.SentAt >= within))
            {
                all++;
                lost += asked.IsAnswered ? 0 : 1;
            }
        }

        return all > 0 ? (double)lost / all : null;
    }

    private int? Find(ulong sequence)
    {
        int index = Array.FindIndex(_ring, asked => asked.Sequence == sequence);
        return sequence > 0 && index >= 0 ? index : null;
    }

    private struct Asked
    {
        public ulong Sequence;
        public TimeSpan SentAt;
        public IPAddress Address;
        public bool IsTrial;
        public bool IsAnswered;
    }
}
