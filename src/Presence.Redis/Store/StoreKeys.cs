using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>The names of keys and channels. The keys of one shard share a hash tag, so that in a Redis Cluster one script can use them together.</summary>
/// <remarks>
/// Keys are a database's own and channels are the whole store's, so the names of channels have the database in them. A prefix for channels that is set on the connection is put
/// there by the connection where we subscribe, and by us where scripts publish. Thread safety: immutable.
/// </remarks>
internal sealed class StoreKeys
{
    private readonly ShardKeys[] _shards;
    private readonly string _channels;
    private readonly string _channelPrefix;

    public StoreKeys(string prefix, int shards, int database = 0, string channelPrefix = "")
    {
        (_channels, _channelPrefix) = ($"{prefix}:{database}", channelPrefix);
        Servers = $"{{{prefix}}}:servers";
        Leases = $"{{{prefix}}}:leases";
        Dead = $"{{{prefix}}}:dead";
        _shards = [.. Enumerable.Range(0, shards).Select(shard => new ShardKeys(
            $"{{{prefix}:{shard}}}:clients", $"{{{prefix}:{shard}}}:epochs", $"{{{prefix}:{shard}}}:verdicts", $"{{{prefix}:{shard}}}:replaced",
            $"{{{prefix}:{shard}}}:groups", $"{{{prefix}:{shard}}}:members", $"{{{prefix}:{shard}}}:edges", $"{{{prefix}:{shard}}}:held"))];
    }

    /// <summary>A hash: the names of those who are alive.</summary>
    public RedisKey Servers { get; }

    /// <summary>A sorted set: until when they are taken to live.</summary>
    public RedisKey Leases { get; }

    /// <summary>A hash: who takes over from whom.</summary>
    public RedisKey Dead { get; }

    /// <summary>What scripts call the channel on which every change is told.</summary>
    public string Changes => $"{_channelPrefix}{_channels}:changes";

    /// <summary>What scripts call the start of the channels on which a server is told which of its sessions were replaced elsewhere; its epoch follows.</summary>
    public string ServerPrefix => $"{_channelPrefix}{_channels}:server:";

    /// <summary>The channel of changes, to subscribe to.</summary>
    public RedisChannel ChangesChannel => RedisChannel.Literal($"{_channels}:changes");

    public int Shards => _shards.Length;

    public ShardKeys this[int shard] => _shards[shard];

    /// <summary>The channel of a server, to subscribe to.</summary>
    public RedisChannel ChannelOf(string epoch) => RedisChannel.Literal($"{_channels}:server:{epoch}");

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
    /// <param name="Replaced">A sorted set: sessions that were replaced elsewhere, until their servers know.</param>
    /// <param name="Groups">A hash: how many members each group has here.</param>
    /// <param name="Members">A sorted set: those members, each group's in a range.</param>
    /// <param name="Edges">A hash: callbacks that are still owed for groups that became occupied or vacated.</param>
    /// <param name="Held">A hash: groups without members that linger on a server.</param>
    internal sealed record ShardKeys(RedisKey Clients, RedisKey Epochs, RedisKey Verdicts, RedisKey Replaced, RedisKey Groups, RedisKey Members, RedisKey Edges, RedisKey Held);
}
