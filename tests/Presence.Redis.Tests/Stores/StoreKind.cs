namespace Presence.Redis.Tests.Stores;

/// <summary>The kinds of stores that the tests run on.</summary>
public enum StoreKind
{
    /// <summary>Garnet in the test's process, with no install.</summary>
    Garnet,

    /// <summary>One redis-server.</summary>
    Redis,

    /// <summary>Three masters of Redis Cluster.</summary>
    RedisCluster,
}
