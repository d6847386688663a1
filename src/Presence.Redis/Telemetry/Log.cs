using Microsoft.Extensions.Logging;

namespace Presence.Redis.Telemetry;

/// <summary>Everything that this package logs. Event ids are contract: none is changed or used again.</summary>
internal static partial class Log
{
    [LoggerMessage(201, LogLevel.Information, "Server {Server} takes part in the cluster as epoch {Epoch}, with a lease of {Lease}.")]
    public static partial void Registered(ILogger logger, string server, string epoch, TimeSpan lease);

    [LoggerMessage(202, LogLevel.Warning, "Epoch {Epoch} of this server is not in the store any more: its lease lapsed, or the store lost data. It takes a new epoch and publishes its clients again; whoever logged in elsewhere meanwhile stays there.")]
    public static partial void EpochLost(ILogger logger, string epoch);

    [LoggerMessage(203, LogLevel.Warning, "The store cannot be reached. Tracking, expiry and callbacks of this server go on; {Waiting} changes wait, and no other server is judged.")]
    public static partial void StoreAway(ILogger logger, Exception exception, long waiting);

    [LoggerMessage(204, LogLevel.Information, "The store can be reached again. No lost server's client is judged for {Lease}.")]
    public static partial void StoreBack(ILogger logger, TimeSpan lease);

    [LoggerMessage(205, LogLevel.Warning, "The lease of server {Server}, epoch {Epoch}, has lapsed. This server takes over its clients.")]
    public static partial void TakingOver(ILogger logger, string server, string epoch);

    [LoggerMessage(206, LogLevel.Information, "Of server {Server}, epoch {Epoch}, {Claimed} clients were claimed in {Duration}; {Lost} did not log in again and have ended.")]
    public static partial void TakenOver(ILogger logger, string server, string epoch, int claimed, TimeSpan duration, int lost);

    [LoggerMessage(207, LogLevel.Debug, "Publishing {Count} changes failed; they are sent again.")]
    public static partial void PublishFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(208, LogLevel.Warning, "Taking over epoch {Epoch} stopped; it starts again with the next renewal.")]
    public static partial void TakeoverFailed(ILogger logger, Exception exception, string epoch);

    [LoggerMessage(209, LogLevel.Warning, "The store did not learn in {Timeout} that this server shuts down, so the others take over its clients when its lease lapses.")]
    public static partial void ShutdownUnknown(ILogger logger, Exception exception, TimeSpan timeout);

    [LoggerMessage(210, LogLevel.Error, "A message of the store could not be read; it is passed over.")]
    public static partial void MessageUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(211, LogLevel.Error, "This server cannot take part in the cluster, and tries again.")]
    public static partial void CannotRegister(ILogger logger, Exception exception);

    [LoggerMessage(212, LogLevel.Warning, "The tracker is disposed, so {Count} callbacks for clients of a lost server are left for another server to run.")]
    public static partial void CallbacksLeft(ILogger logger, Exception exception, int count);

    [LoggerMessage(213, LogLevel.Debug, "The callbacks of {Count} clients of a lost server have run, and the store did not take that in; it is told again.")]
    public static partial void SettlingFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(214, LogLevel.Error, "Something failed that nobody expected; it is tried again.")]
    public static partial void LoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(215, LogLevel.Warning, "What lasts: {What} fails. It is tried again, and told when it is over.")]
    public static partial void TroubleBegan(ILogger logger, Exception exception, string what);

    [LoggerMessage(216, LogLevel.Information, "{What} works again, after {Duration}.")]
    public static partial void TroubleOver(ILogger logger, string what, TimeSpan duration);

    [LoggerMessage(217, LogLevel.Warning, "The store has forgotten {Count} epochs of servers that still hold clients there; this server takes over from them.")]
    public static partial void Adopted(ILogger logger, int count);

    [LoggerMessage(218, LogLevel.Error, "A callback failed at a message for client {ClientId}.")]
    public static partial void MessageCallbackFailed(ILogger logger, Exception exception, string clientId);

    [LoggerMessage(219, LogLevel.Error, "A callback failed at a change of group {Group}.")]
    public static partial void GroupCallbackFailed(ILogger logger, Exception exception, string group);

    [LoggerMessage(220, LogLevel.Debug, "The callbacks of {Count} changes of groups have run, and the store did not take that in; it is told again.")]
    public static partial void SettlingGroupsFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(221, LogLevel.Debug, "{Count} groups have lingered, and the store did not take that in; it is told again.")]
    public static partial void ReleasingGroupsFailed(ILogger logger, Exception exception, int count);

    [LoggerMessage(222, LogLevel.Error, "The host's code failed to give the state of client {ClientId} that all servers see; they see none.")]
    public static partial void StateFailed(ILogger logger, Exception exception, string clientId);

    [LoggerMessage(223, LogLevel.Error, "The state of client {ClientId} that all servers see has {Length} bytes and may have at most {MaxLength}; they see none.")]
    public static partial void StateTooLong(ILogger logger, string clientId, int length, int maxLength);

    [LoggerMessage(224, LogLevel.Warning, "This server leaves before all callbacks of groups have run and the store knows it; another server runs them.")]
    public static partial void GroupsLeft(ILogger logger);
}
