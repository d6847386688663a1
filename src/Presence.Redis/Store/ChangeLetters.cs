using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>The letters that stand for changes in the store.</summary>
internal static class ChangeLetters
{
    /// <summary>The changes that the store is told of.</summary>
    public const PresenceChanges Published = PresenceChanges.Joined | PresenceChanges.Ended | PresenceChanges.ServerLost | Edges;

    /// <summary>The changes of groups that the store finds.</summary>
    public const PresenceChanges Edges = PresenceChanges.Occupied | PresenceChanges.Vacated;

    /// <summary>In messages: a join on the same server as the join before it, with the next token.</summary>
    public const byte NextJoined = (byte)'+';

    public static readonly RedisValue Joined = "J";

    private static readonly RedisValue Left = "L";
    private static readonly RedisValue Replaced = "R";
    private static readonly RedisValue Expired = "X";
    private static readonly RedisValue Shutdown = "S";

    public static RedisValue OfEnd(PresenceChanges kind) => kind switch
    {
        PresenceChanges.Left => Left,
        PresenceChanges.Replaced => Replaced,
        PresenceChanges.Expired => Expired,
        _ => Shutdown,
    };

    public static PresenceChanges Read(byte letter) => letter switch
    {
        (byte)'J' => PresenceChanges.Joined,
        (byte)'L' => PresenceChanges.Left,
        (byte)'R' => PresenceChanges.Replaced,
        (byte)'X' => PresenceChanges.Expired,
        (byte)'S' => PresenceChanges.Shutdown,
        (byte)'V' => PresenceChanges.ServerLost,
        (byte)'O' => PresenceChanges.Occupied,
        (byte)'Z' => PresenceChanges.Vacated,
        _ => throw new FormatException($"'{(char)letter}' stands for no change. Does something else publish on channels of this prefix?"),
    };
}
