using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Presence.NetworkTests.Host;

/// <summary>The datagram of <c>docs/udp.md</c>, made by that document alone and not by the library, as a client in another language would.</summary>
internal sealed class SignedBeat
{
    private const int TagOffset = 24;

    private readonly byte[] _key;
    private readonly byte[] _datagram = new byte[40];
    private ulong _sequence;

    public SignedBeat(SessionId session, byte[] key)
    {
        _key = key;
        "PRB\u0001\u0001"u8.CopyTo(_datagram);
        BinaryPrimitives.WriteUInt64BigEndian(_datagram.AsSpan(8), session.Value);
    }

    public ReadOnlySpan<byte> Next()
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64BigEndian(_datagram.AsSpan(16), ++_sequence);
        HMACSHA256.HashData(_key, _datagram.AsSpan(0, TagOffset), mac);
        mac[..16].CopyTo(_datagram.AsSpan(TagOffset));
        return _datagram;
    }
}
