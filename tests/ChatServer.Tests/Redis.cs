using Presence.Redis.Tests.Stores;

namespace ChatServer.Tests;

/// <summary>A Redis of a test's own.</summary>
internal static class Redis
{
    /// <summary>Starts it; where there is none to start, the test is skipped.</summary>
    public static async Task<RedisProcess> StartAsync()
    {
        RedisProcess.RequireInstalled();
        var redis = new RedisProcess();
        await redis.StartAsync();
        return redis;
    }
}
