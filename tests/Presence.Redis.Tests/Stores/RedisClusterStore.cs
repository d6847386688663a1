using System.Diagnostics;

namespace Presence.Redis.Tests.Stores;

/// <summary>A Redis Cluster of three masters.</summary>
public sealed class RedisClusterStore : TestStore
{
    private readonly RedisProcess[] _masters = [.. Enumerable.Range(0, 3).Select(_ => new RedisProcess("--cluster-enabled", "yes"))];

    private RedisClusterStore()
    {
    }

    public override string Configuration => string.Join(',', _masters.Select(master => $"127.0.0.1:{master.Port}"));

    public override int Shards => 12;

    public static async Task<RedisClusterStore> StartAsync()
    {
        var store = new RedisClusterStore();
        await Task.WhenAll(store._masters.Select(master => master.StartAsync()));
        await RunAsync(["--cluster", "create", .. store._masters.Select(master => $"127.0.0.1:{master.Port}"), "--cluster-yes"]);
        return store;
    }

    public override async ValueTask DisposeAsync() => await Task.WhenAll(_masters.Select(master => master.DisposeAsync().AsTask()));

    private static async Task RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"redis-cli {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        }
    }
}
