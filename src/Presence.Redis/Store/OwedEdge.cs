using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>A group that became occupied or vacated, and whose callback is owed.</summary>
/// <param name="Shard">The shard it is in.</param>
/// <param name="Kind">Which of the two.</param>
/// <param name="Number">Greater than that of any earlier edge of the group.</param>
/// <param name="Group">The group.</param>
internal readonly record struct OwedEdge(int Shard, PresenceChanges Kind, long Number, string Group)
{
    /// <summary>The field under which the store has it: its letter and number, a space, and the group as the index has it.</summary>
    public RedisValue Field =>
        (byte[])[(byte)(Kind == PresenceChanges.Occupied ? 'O' : 'Z'), .. Encoding.ASCII.GetBytes(Number.ToString(CultureInfo.InvariantCulture)), (byte)' ', .. StoredTail.IndexKey(Group)];

    /// <summary>Reads fields that follow one another.</summary>
    /// <exception cref="FormatException">They are none of ours.</exception>
    public static List<OwedEdge> ParseAll(int shard, RedisValue fields)
    {
        var edges = new List<OwedEdge>();
        var reader = new MessageReader(((ReadOnlyMemory<byte>)fields).Span);
        while (!reader.IsAtEnd)
        {
            edges.Add(new OwedEdge(shard, ChangeLetters.Read(reader.ReadLetter()), reader.ReadNumber(), StoredClientId.Read(reader.ReadText())));
        }

        return edges;
    }
}
