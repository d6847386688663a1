using System.Buffers;
using System.Buffers.Text;
using System.Text;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>What an entry ends with, if its session has a state or groups: a semicolon, then the state and each group, as <c>length:text</c>.</summary>
internal static class StoredTail
{
    private const byte Start = (byte)';', End = (byte)':';

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

        var tail = new ArrayBufferWriter<byte>();
        tail.Write([Start]);
        Add(tail, state);
        foreach (string group in groups)
        {
            Add(tail, group);
        }

        return tail.WrittenSpan.ToArray();
    }

    /// <summary>A group as the index has it: with its length before it, so that none is the start of another.</summary>
    public static byte[] IndexKey(string group)
    {
        var key = new ArrayBufferWriter<byte>();
        Add(key, group);
        return key.WrittenSpan.ToArray();
    }

    /// <summary>Whether an entry names a group, as the index has it.</summary>
    /// <param name="tail">What the entry ends with.</param>
    /// <param name="indexKey">The group.</param>
    public static bool IsIn(ReadOnlySpan<byte> tail, ReadOnlySpan<byte> indexKey)
    {
        if (tail.IsEmpty)
        {
            return false;
        }

        var reader = new MessageReader(tail);
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

    /// <summary>The state of a tail, which may be empty.</summary>
    /// <exception cref="FormatException">It is none of ours.</exception>
    public static ReadOnlyMemory<byte> ReadState(ReadOnlyMemory<byte> tail)
    {
        if (tail.IsEmpty)
        {
            return default;
        }

        var reader = new MessageReader(tail.Span);
        reader.ReadLetter();
        byte[] state = reader.ReadText().ToArray();
        return state.Length == 0 ? default : state; // so that none equals none
    }

    /// <summary>The groups of a tail.</summary>
    /// <exception cref="FormatException">It is none of ours.</exception>
    public static List<string> ReadGroups(ReadOnlySpan<byte> tail)
    {
        var groups = new List<string>();
        var reader = new MessageReader(tail);
        reader.ReadLetter();
        reader.ReadText(); // the state
        while (!reader.IsAtEnd)
        {
            groups.Add(StoredClientId.Read(reader.ReadText()));
        }

        return groups;
    }

    private static void Add(ArrayBufferWriter<byte> to, string group)
    {
        if (Ascii.IsValid(group)) // nearly all are
        {
            AddLength(to, group.Length);
            to.Advance(Encoding.ASCII.GetBytes(group, to.GetSpan(group.Length)));
        }
        else
        {
            Add(to, (byte[])StoredClientId.Write(group)!);
        }
    }

    private static void Add(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> text)
    {
        AddLength(to, text.Length);
        to.Write(text);
    }

    private static void AddLength(ArrayBufferWriter<byte> to, int length)
    {
        Utf8Formatter.TryFormat(length, to.GetSpan(11), out int written);
        to.Advance(written);
        to.Write([End]);
    }
}
