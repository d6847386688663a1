using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Which exceptions are the store's.</summary>
internal static class StoreFailure
{
    /// <summary>Whether the store could not be reached, or could not answer, or the host has closed its connection.</summary>
    public static bool Is(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    /// <summary>Whether the store was reached and refused, which waiting alone may not mend: a command that is not allowed, a key of another type.</summary>
    public static bool IsRefusal(Exception exception) => exception is RedisServerException or RedisCommandException;

    /// <summary>Whether the command had waited for a connection in vain, so that the store has not seen it.</summary>
    public static bool IsUnsent(Exception exception) => exception
        is RedisConnectionException { CommandStatus: CommandStatus.WaitingInBacklog }
        or RedisTimeoutException { Commandstatus: CommandStatus.WaitingInBacklog };
}
