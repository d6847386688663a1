using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Presence.AspNetCore.Http;

/// <summary>What a device shows for its session: the session's name, and 128 random bits, of which the server keeps a hash.</summary>
/// <remarks>The name says where to look, so that nothing secret is looked up. Thread safety: an immutable value.</remarks>
internal readonly record struct BearerToken(SessionId Session, UInt128 Secret)
{
    private const string Scheme = "Bearer ";
    private const int NameLength = 8;
    private const int SecretLength = 16;
    private const int TextLength = (NameLength + SecretLength) / 3 * 4;

    public static BearerToken Create(SessionId session)
    {
        Span<byte> secret = stackalloc byte[SecretLength];
        RandomNumberGenerator.Fill(secret);
        return new BearerToken(session, BinaryPrimitives.ReadUInt128BigEndian(secret));
    }

    /// <summary>Reads it from a request's Authorization header.</summary>
    public static bool TryRead(StringValues header, out BearerToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[NameLength + SecretLength];
        if (header.Count != 1 || header[0] is not { Length: TextLength + 7 } text || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !Base64Url.IsValid(text.AsSpan(Scheme.Length)) || !Base64Url.TryDecodeFromChars(text.AsSpan(Scheme.Length), bytes, out int written) || written != bytes.Length)
        {
            return false;
        }

        token = new BearerToken(new SessionId(BinaryPrimitives.ReadUInt64BigEndian(bytes)), BinaryPrimitives.ReadUInt128BigEndian(bytes[NameLength..]));
        return true;
    }

    /// <summary>Writes the hash of the secret, 32 bytes.</summary>
    public void Hash(Span<byte> hash)
    {
        Span<byte> secret = stackalloc byte[SecretLength];
        BinaryPrimitives.WriteUInt128BigEndian(secret, Secret);
        SHA256.HashData(secret, hash);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[NameLength + SecretLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Session.Value);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[NameLength..], Secret);
        return Base64Url.EncodeToString(bytes);
    }
}
