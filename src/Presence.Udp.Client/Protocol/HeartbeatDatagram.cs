using System.Buffers.Binary;

namespace Presence.Udp;

/// <summary>The layout of a datagram on the wire, version 1: exactly 40 bytes, big-endian; <c>docs/udp.md</c> has the table.</summary>
internal static class HeartbeatDatagram
{
    public const int Length = 40;

    /// <summary>The tag is the last field, over all that comes before it.</summary>
    public const int TagOffset = 24;

    private const int SessionOffset = 8;
    private const int SequenceOffset = 16;

    /// <summary>The first 5 of 8 bytes: "PRB", version 1, type 1. The key epoch and the flags come after.</summary>
    private const ulong Heartbeat = 0x50_52_42_01_01ul << IgnoredBits;

    /// <summary>The same of type 2. It is under the tag, so neither kind can be played back as the other.</summary>
    private const ulong Acknowledgement = 0x50_52_42_01_02ul << IgnoredBits;

    private const int IgnoredBits = 24;

    /// <summary>The flag of a heartbeat that asks to be acknowledged.</summary>
    private const ulong Asks = 1;

    /// <summary>Reads what a heartbeat claims. Nothing of it is to be believed before its tag is checked.</summary>
    /// <returns>Whether it has the length, magic, version and type of a heartbeat.</returns>
    public static bool TryReadHeartbeat(ReadOnlySpan<byte> datagram, out ulong session, out ulong sequence) =>
        TryRead(Heartbeat, datagram, out session, out sequence);

    /// <summary>Reads what an acknowledgement claims, as <see cref="TryReadHeartbeat"/> does.</summary>
    public static bool TryReadAcknowledgement(ReadOnlySpan<byte> datagram, out ulong session, out ulong sequence) =>
        TryRead(Acknowledgement, datagram, out session, out sequence);

    /// <summary>Whether a heartbeat asks to be acknowledged.</summary>
    public static bool AsksForAcknowledgement(ReadOnlySpan<byte> heartbeat) => (BinaryPrimitives.ReadUInt64BigEndian(heartbeat) & Asks) != 0;

    /// <summary>Writes all but the tag.</summary>
    public static void WriteHeartbeat(Span<byte> datagram, ulong session, ulong sequence, bool asks = false) =>
        Write(asks ? Heartbeat | Asks : Heartbeat, datagram, session, sequence);

    /// <summary>Writes all but the tag.</summary>
    public static void WriteAcknowledgement(Span<byte> datagram, ulong session, ulong sequence) => Write(Acknowledgement, datagram, session, sequence);

    private static bool TryRead(ulong header, ReadOnlySpan<byte> datagram, out ulong session, out ulong sequence)
    {
        if (datagram.Length != Length || (BinaryPrimitives.ReadUInt64BigEndian(datagram) ^ header) >> IgnoredBits != 0)
        {
            session = 0;
            sequence = 0;
            return false;
        }

        session = BinaryPrimitives.ReadUInt64BigEndian(datagram[SessionOffset..]);
        sequence = BinaryPrimitives.ReadUInt64BigEndian(datagram[SequenceOffset..]);
        return true;
    }

    private static void Write(ulong header, Span<byte> datagram, ulong session, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64BigEndian(datagram, header);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[SessionOffset..], session);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[SequenceOffset..], sequence);
    }
}
