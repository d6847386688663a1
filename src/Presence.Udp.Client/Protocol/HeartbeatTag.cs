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

    private const int HashLength = 32;
    private const int BlockLength = 2 * HeartbeatKey.Length;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Writes the tag of a datagram to its end.</summary>
    public void Sign(in HeartbeatKey key, Span<byte> datagram)
    {
        Span<byte> mac = stackalloc byte[HashLength];
        Compute(key, datagram, mac);
        mac[..Length].CopyTo(datagram[HeartbeatDatagram.TagOffset..]);
    }

    /// <summary>Whether a datagram carries its tag, in a time that does not depend on how much of it is right.</summary>
    public bool IsGenuine(in HeartbeatKey key, ReadOnlySpan<byte> datagram)
    {
        Span<byte> mac = stackalloc byte[HashLength];
        Compute(key, datagram, mac);
        return CryptographicOperations.FixedTimeEquals(mac[..Length], datagram[HeartbeatDatagram.TagOffset..]);
    }

    public void Dispose() => _sha256.Dispose();

    private void Compute(in HeartbeatKey key, ReadOnlySpan<byte> datagram, Span<byte> mac)
    {
        Span<byte> inner = stackalloc byte[BlockLength + HeartbeatDatagram.TagOffset];
        key.WritePadded(InnerPad, inner[..BlockLength]);
        datagram[..HeartbeatDatagram.TagOffset].CopyTo(inner[BlockLength..]);

        Span<byte> outer = stackalloc byte[BlockLength + HashLength];
        key.WritePadded(OuterPad, outer[..BlockLength]);
        Hash(inner, outer[BlockLength..]);
        Hash(outer, mac);
    }

    private void Hash(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        _sha256.AppendData(text);
        if (!_sha256.TryGetHashAndReset(hash, out int written) || written != HashLength)
        {
            throw new CryptographicException("The platform's SHA-256 gave no hash of 32 bytes.");
        }
    }
}
