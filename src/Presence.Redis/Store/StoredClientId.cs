using System.Runtime.InteropServices;
using System.Text;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Client ids as the store has them: UTF-8; or, for an id that is no valid UTF-16, a byte 255 and its code units.</summary>
internal static class StoredClientId
{
    private const byte IsUtf16 = 0xFF; // which no UTF-8 has

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static RedisValue Write(string clientId)
    {
        if (!clientId.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return clientId;
        }

        try
        {
            return Strict.GetBytes(clientId);
        }
        catch (EncoderFallbackException)
        {
            return (byte[])[IsUtf16, .. MemoryMarshal.AsBytes(clientId.AsSpan())]; // an Encoding would put one character for every half of a pair
        }
    }

    public static string Read(ReadOnlySpan<byte> stored) =>
        stored is [IsUtf16, ..] ? new string(MemoryMarshal.Cast<byte, char>(stored[1..])) : Encoding.UTF8.GetString(stored);
}
