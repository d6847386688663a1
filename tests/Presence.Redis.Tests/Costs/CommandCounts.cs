namespace Presence.Redis.Tests.Costs;

/// <summary>How often each command was run, as the store counts: those that scripts run as well.</summary>
internal sealed class CommandCounts(Dictionary<string, long> calls)
{
    // The scripts' own. Servers send none of these but within scripts, as long as nobody asks who is online.
    private static readonly string[] WithinScripts = ["time", "hget", "hmget", "hgetall", "hset", "hdel", "hscan", "hincrby", "hexists", "hlen", "zadd", "zscore", "zrem", "zrange", "zrangebyscore", "zremrangebyscore", "publish"];

    /// <summary>Commands that came over a connection.</summary>
    public long Sent => calls.Where(command => !WithinScripts.Contains(command.Key)).Sum(command => command.Value);

    /// <summary>All that the store ran.</summary>
    public long All => calls.Values.Sum();

    public override string ToString() => string.Join(", ", calls.OrderByDescending(command => command.Value).Select(command => $"{command.Key} {command.Value}"));
}
