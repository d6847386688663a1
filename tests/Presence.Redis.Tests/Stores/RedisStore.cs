namespace Presence.Redis.Tests.Stores;

/// <summary>A Redis of its own.</summary>
public sealed class RedisStore : TestStore
{
    private RedisStore(RedisProcess process) => Process = process;

    public RedisProcess Process { get; }

    public override string Configuration => $"127.0.0.1:{Process.Port}";

    public static async Task<RedisStore> StartAsync()
    {
        var process = new RedisProcess();
        await process.StartAsync();
        return new RedisStore(process);
    }

    public override ValueTask DisposeAsync() => Process.DisposeAsync();
}
