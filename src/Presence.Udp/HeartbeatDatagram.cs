using System.Buffers.Binary;

namespace Presence.Udp;

/// <summary>The layout of a heartbeat on the wire, version 1: exactly 40 bytes, big-endian; <c>docs/udp.md</c> has the table.</summary>
internal static class HeartbeatDatagram
{
    public const int Length = 40;

    /// <summary>The tag is the last field, over all that comes before it.</summary>
    public const int TagOffset = 24;

    private const int SessionOffset = 8;
    private const int SequenceOffset = 16;

    /// <summary>The first 5 of 8 bytes: "PRB", version 1, type 1. The key epoch and the flags come after, and a receiver ignores them.</summary>
    private const ulong Header = 0x50_52_42_01_01ul << IgnoredBits;

    private const int IgnoredBits = 24;

    /// <summary>Reads what a datagram claims. Nothing of it is to be believed before its tag is checked.</summary>
    /// <returns>Whether it has the length, magic, version and type of a heartbeat.</returns>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out SessionId session, out ulong sequence)
    {
        if (datagram.Length != Length || (BinaryPrimitives.ReadUInt64BigEndian(datagram) ^ Header) >> IgnoredBits != 0)
        {
            session = SessionId.None;
            sequence = 0;
            return false;
        }

        session = new SessionId(BinaryPrimitives.ReadUInt64BigEndian(datagram[SessionOffset..]));
        sequence = BinaryPrimitives.ReadUInt64BigEndian(datagram[SequenceOffset..]);
        return true;
    }

    /// <summary>Writes all but the tag.</summary>
    public static void Write(Span<byte> datagram, SessionId session, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64BigEndian(datagram, Header);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[SessionOffset..], session.Value);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[SequenceOffset..], sequence);
    }
}
