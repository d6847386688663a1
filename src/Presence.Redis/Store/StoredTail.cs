using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>What an entry ends with, if its session has a state or groups: a semicolon, then the state and each group, as <c>length:text</c>.</summary>
internal static class StoredTail
{
    private const byte Start = (byte)';';

    /// <summary>Writes the tail of a session.</summary>
    /// <param name="state">Its state; empty for none.</param>
    /// <param name="groups">Its groups, in an order that the same groups always have.</param>
    /// <returns>Empty if there is neither.</returns>
    public static RedisValue Write(ReadOnlySpan<byte> state, IReadOnlyCollection<string> groups)
    {
        if (state.IsEmpty && groups.Count == 0)
        {
            return RedisValue.EmptyString;
        }

        var tail = new List<byte> { Start };
        Add(tail, state);
        foreach (string group in groups)
        {
            Add(tail, (byte[])StoredClientId.Write(group)!);
        }

        return tail.ToArray();
    }

    /// <summary>A group as the index has it: with its length before it, so that none is the start of another.</summary>
    public static byte[] IndexKey(string group)
    {
        var key = new List<byte>();
        Add(key, (byte[])StoredClientId.Write(group)!);
        return [.. key];
    }

    /// <summary>Whether an entry names a group, as the index has it.</summary>
    /// <param name="tail">What the entry ends with.</param>
    /// <param name="indexKey">The group.</param>
    public static bool IsIn(ReadOnlySpan<byte> tail, ReadOnlySpan<byte> indexKey)
    {
        var reader = new MessageReader(tail);
        if (tail.IsEmpty)
        {
            return false;
        }

        reader.ReadLetter();
        reader.ReadText(); // the state
        while (!reader.IsAtEnd)
        {
            ReadOnlySpan<byte> rest = reader.Rest;
            reader.ReadText();
            if (rest[..^reader.Rest.Length].SequenceEqual(indexKey))
            {
                return true;
            }
        }

        return false;
    }

    private static void Add(List<byte> to, ReadOnlySpan<byte> text)
    {
        to.AddRange(Encoding.ASCII.GetBytes(text.Length.ToString(CultureInfo.InvariantCulture)));
        to.Add((byte)':');
        to.AddRange(text);
    }
}
