using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Presence.Udp;

/// <summary>The tag of a datagram: the leftmost 128 bits of HMAC-SHA256.</summary>
/// <remarks>
/// <para>It is HMAC by its definition (RFC 2104, H(K ^ opad, H(K ^ ipad, text))) over a SHA-256 of the platform's that is used again and
/// again, since the platform offers no HMAC whose key can be changed: the one-shot call sets up its whole state for each datagram and takes
/// about twice as long. <c>HeartbeatTagTests</c> holds the two against each other; <c>docs/udp.md</c> has the figures.</para>
/// <para>Thread safety: none; every thread has its own.</para>
/// </remarks>
internal sealed class HeartbeatTag : IDisposable
{
    public const int Length = 16;

    private const int BlockLength = SHA256.HashSizeInBytes * 2;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Writes the tag of a datagram to its end.</summary>
    public void Sign(in Vector256<byte> key, Span<byte> datagram)
    {
        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        Compute(key, datagram, mac);
        mac[..Length].CopyTo(datagram[HeartbeatDatagram.TagOffset..]);
    }

    /// <summary>Whether a datagram carries its tag, in a time that does not depend on how much of it is right.</summary>
    public bool IsGenuine(in Vector256<byte> key, ReadOnlySpan<byte> datagram)
    {
        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        Compute(key, datagram, mac);
        return CryptographicOperations.FixedTimeEquals(mac[..Length], datagram[HeartbeatDatagram.TagOffset..]);
    }

    public void Dispose() => _sha256.Dispose();

    private void Compute(in Vector256<byte> key, ReadOnlySpan<byte> datagram, Span<byte> mac)
    {
        Span<byte> inner = stackalloc byte[BlockLength + HeartbeatDatagram.TagOffset];
        WritePadded(key, InnerPad, inner);
        datagram[..HeartbeatDatagram.TagOffset].CopyTo(inner[BlockLength..]);

        Span<byte> outer = stackalloc byte[BlockLength + SHA256.HashSizeInBytes];
        WritePadded(key, OuterPad, outer);
        Hash(inner, outer[BlockLength..]);
        Hash(outer, mac);
    }

    private void Hash(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        _sha256.AppendData(text);
        _sha256.GetHashAndReset(hash);
    }

    /// <summary>A key is half a block; the other half is zeros, which leave the pad as it is.</summary>
    private static void WritePadded(in Vector256<byte> key, byte pad, Span<byte> block)
    {
        Vector256<byte> pads = Vector256.Create(pad);
        (key ^ pads).CopyTo(block);
        pads.CopyTo(block[Vector256<byte>.Count..]);
    }
}
