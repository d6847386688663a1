using System.Buffers.Text;
using System.Globalization;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>A session of a dead server that has ended, and whose callback is owed.</summary>
/// <param name="Shard">The shard it is in.</param>
/// <param name="StoredClientId">The client id, as <see cref="Store.StoredClientId"/> writes it.</param>
/// <param name="Token">Its fencing token.</param>
internal readonly record struct Verdict(int Shard, RedisValue StoredClientId, long Token)
{
    /// <summary>The field under which the store has it: the token, a space, and the client id.</summary>
    public RedisValue Field
    {
        get
        {
            byte[] id = (byte[])StoredClientId!;
            byte[] token = System.Text.Encoding.ASCII.GetBytes(Token.ToString(CultureInfo.InvariantCulture));
            return (byte[])[.. token, (byte)' ', .. id];
        }
    }

    public string ClientId => Store.StoredClientId.Read((byte[])StoredClientId!);

    public static Verdict Parse(int shard, RedisValue field)
    {
        byte[] bytes = (byte[])field!;
        return Utf8Parser.TryParse(bytes, out long token, out int length) && length < bytes.Length && bytes[length] == ' '
            ? new Verdict(shard, bytes[(length + 1)..], token)
            : throw new FormatException($"The store has '{field}' for a verdict, which is none of ours. Does something else write to keys of this prefix?");
    }
}
