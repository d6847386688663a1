using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>The names of keys and channels. The keys of one shard share a hash tag, so that in a Redis Cluster one script can use them together.</summary>
/// <remarks>Thread safety: immutable.</remarks>
internal sealed class StoreKeys
{
    private readonly ShardKeys[] _shards;

    public StoreKeys(string prefix, int shards)
    {
        Servers = $"{{{prefix}}}:servers";
        Changes = $"{prefix}:changes";
        ServerPrefix = $"{prefix}:server:";
        _shards = [.. Enumerable.Range(0, shards).Select(shard => new ShardKeys(
            $"{{{prefix}:{shard}}}:clients", $"{{{prefix}:{shard}}}:epochs", $"{{{prefix}:{shard}}}:verdicts"))];
    }

    /// <summary>A hash: who is alive, until when, and who takes over from whom.</summary>
    public RedisKey Servers { get; }

    /// <summary>The channel on which every change is told.</summary>
    public string Changes { get; }

    /// <summary>What the channels start with on which a server is told which of its sessions were replaced elsewhere; its epoch follows.</summary>
    public string ServerPrefix { get; }

    public int Shards => _shards.Length;

    public ShardKeys this[int shard] => _shards[shard];

    public RedisChannel ChannelOf(string epoch) => RedisChannel.Literal(ServerPrefix + epoch);

    /// <summary>The shard of a client: FNV-1a over its UTF-16 code units, which every server computes alike.</summary>
    public int ShardOf(string clientId)
    {
        if (_shards.Length == 1)
        {
            return 0;
        }

        uint hash = 2166136261;
        foreach (char unit in clientId)
        {
            hash = (hash ^ unit) * 16777619;
        }

        return (int)(hash % (uint)_shards.Length);
    }

    /// <summary>The keys of one shard.</summary>
    /// <param name="Clients">A hash: who holds which client.</param>
    /// <param name="Epochs">A hash: which epochs may write here, and counters.</param>
    /// <param name="Verdicts">A hash: callbacks that are still owed for sessions of lost servers.</param>
    internal sealed record ShardKeys(RedisKey Clients, RedisKey Epochs, RedisKey Verdicts);
}
