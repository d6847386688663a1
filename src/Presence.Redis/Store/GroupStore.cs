using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Groups in the store, as the sum of what the shards have. Each method throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class GroupStore(IDatabase database, StoreKeys keys)
{
    /// <summary>How many groups one command asks for: well under a millisecond of the store's time.</summary>
    private const int AskedAtOnce = 1000;

    public int Shards => keys.Shards;

    public async Task<long> CountAsync(string group)
    {
        byte[] indexKey = StoredTail.IndexKey(group);
        RedisValue[] counts = await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard => database.HashGetAsync(keys[shard].Groups, indexKey))).ConfigureAwait(false);
        return counts.Sum(count => (long)count);
    }

    /// <summary>Which groups are occupied.</summary>
    public async Task<bool[]> AreOccupiedAsync(IReadOnlyList<string> groups)
    {
        bool[] areOccupied = new bool[groups.Count];
        RedisValue[] indexKeys = [.. groups.Select(group => (RedisValue)StoredTail.IndexKey(group))];
        await Task.WhenAll(Enumerable.Range(0, keys.Shards).SelectMany(shard => Enumerable.Range(0, groups.Count).Chunk(AskedAtOnce).Select(async chunk =>
        {
            RedisValue[] counts = await database.HashGetAsync(keys[shard].Groups, [.. chunk.Select(i => indexKeys[i])]).ConfigureAwait(false);
            for (int i = 0; i < chunk.Length; i++)
            {
                if (!counts[i].IsNull)
                {
                    areOccupied[chunk[i]] = true; // each shard only ever says yes
                }
            }
        }))).ConfigureAwait(false);
        return areOccupied;
    }

    /// <summary>Reads some members of a group in one shard, in the order of their stored ids.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="group">The group.</param>
    /// <param name="after">The stored id after which to go on; null for the start.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>The members that were still in it when they were looked up; and where to go on, or null at the end.</returns>
    public async Task<(List<(string ClientId, StoredSession Session)> Members, byte[]? After)> ReadPageAsync(int shard, string group, byte[]? after, int count)
    {
        byte[] indexKey = StoredTail.IndexKey(group);
        RedisValue[] entries = await database.SortedSetRangeByValueAsync(
            keys[shard].Members, (byte[])[.. indexKey, .. after ?? []], EndOf(indexKey), after is null ? Exclude.Stop : Exclude.Both, Order.Ascending, skip: 0, take: count).ConfigureAwait(false);
        var members = new List<(string, StoredSession)>(entries.Length);
        if (entries.Length == 0)
        {
            return (members, null);
        }

        byte[][] ids = [.. entries.Select(entry => ((byte[])entry!)[indexKey.Length..])];
        RedisValue[] values = await database.HashGetAsync(keys[shard].Clients, [.. ids.Select(id => (RedisValue)id)]).ConfigureAwait(false);
        for (int i = 0; i < ids.Length; i++)
        {
            if (!values[i].IsNull && StoredSession.Parse(values[i]) is var session && StoredTail.IsIn(session.Tail.Span, indexKey))
            {
                members.Add((StoredClientId.Read(ids[i]), session));
            }
        }

        return (members, entries.Length < count ? null : ids[^1]);
    }

    /// <summary>What comes after everything that starts so.</summary>
    private static byte[] EndOf(byte[] start)
    {
        int last = Array.FindLastIndex(start, value => value != 0xFF); // there is one: it starts with a digit
        return [.. start[..last], (byte)(start[last] + 1)];
    }
}
