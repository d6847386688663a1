using System.Globalization;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Stores;

/// <summary>A Redis and a replica of it, which learns writes a moment later.</summary>
public sealed class ReplicatedStore : TestStore
{
    private readonly RedisProcess _primary = new("--repl-diskless-sync-delay", "0");
    private readonly RedisProcess _replica = new();

    private ReplicatedStore()
    {
    }

    public override string Configuration => $"{AddressOf(_primary)},{AddressOf(_replica)}";

    public static async Task<ReplicatedStore> StartAsync()
    {
        var store = new ReplicatedStore();
        await Task.WhenAll(store._primary.StartAsync(), store._replica.StartAsync());
        await RunAsync(store._replica, "REPLICAOF", "127.0.0.1", $"{store._primary.Port}");
        await Eventually.Is(async () => (await RunAsync(store._replica, "INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica has caught up");
        return store;
    }

    /// <summary>Has the replica learn nothing more than what is written by now.</summary>
    public async Task CutReplicaOffAsync()
    {
        long written = await ReadOffsetAsync(_primary, "master_repl_offset:");
        await Eventually.Is(async () => await ReadOffsetAsync(_replica, "slave_repl_offset:") >= written, "the replica has caught up");
        await RunAsync(_replica, "REPLICAOF", "127.0.0.1", $"{FreePort.Next()}");
    }

    /// <summary>Kills the primary, and all that it has not told its replica.</summary>
    public Task KillPrimaryAsync() => _primary.KillAsync();

    /// <summary>Makes the replica the primary.</summary>
    public Task PromoteAsync() => RunAsync(_replica, "REPLICAOF", "NO", "ONE");

    /// <summary>Has the two change places, with nothing lost.</summary>
    public Task SwitchOverAsync() => RunAsync(_primary, "FAILOVER");

    public override async ValueTask DisposeAsync()
    {
        await _replica.DisposeAsync();
        await _primary.DisposeAsync();
    }

    private static string AddressOf(RedisProcess process) => $"127.0.0.1:{process.Port}";

    private static async Task<long> ReadOffsetAsync(RedisProcess process, string name) => long.Parse(
        (await RunAsync(process, "INFO", "replication")).Split("\r\n").Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(RedisProcess process, string command, params object[] arguments)
    {
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync($"{AddressOf(process)},allowAdmin=true");
        return (string)(await connection.GetServers()[0].ExecuteAsync(command, arguments))!;
    }
}
