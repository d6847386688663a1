using System.Globalization;
using Presence.Redis.Heartbeats;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Clients and who holds them, in the store. Each method throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class SessionStore(IDatabase database, StoreScripts scripts, StoreKeys keys, StoreClock clock, TimeProvider timeProvider)
{
    /// <summary>How many clients one command asks for: well under a millisecond of the store's time.</summary>
    private const int FoundAtOnce = 1000;

    public StoreKeys Keys => keys;

    /// <summary>Publishes what happened to clients of one shard.</summary>
    /// <returns>The results, one per client; or why the store took none of it.</returns>
    public async Task<(PublishedResult[]? Results, Refusal Refusal)> PublishAsync(int shard, string epoch, long batch, long answered, IReadOnlyList<PublishedOperation> operations)
    {
        int count = operations.Count;
        var arguments = new RedisValue[6 + (3 * count)];
        (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]) =
            (epoch, batch, answered, shard, keys.Changes, keys.ServerPrefix);
        for (int i = 0; i < count; i++)
        {
            PublishedOperation operation = operations[i];
            arguments[6 + i] = operation.ClientId;
            arguments[6 + count + i] = operation.PublishedEpochs.Length == 0 ? operation.Kind
                : operation.KnownToken == 0 ? $"{operation.Kind}{operation.PublishedEpochs}"
                : string.Create(CultureInfo.InvariantCulture, $"{operation.Kind}{operation.PublishedEpochs}/{operation.KnownToken}");
            arguments[6 + (2 * count) + i] = operation.Stamp.ToString("x", CultureInfo.InvariantCulture);
        }

        long sent = timeProvider.GetTimestamp();
        RedisResult answer = await scripts.RunAsync(StoreScripts.Publish, [keys[shard].Clients, keys[shard].Epochs, keys[shard].Replaced], arguments).ConfigureAwait(false);
        string text = (string)answer!;
        if (text is "LOST" or "STALE")
        {
            return (null, text == "LOST" ? Refusal.EpochLost : Refusal.Overtaken);
        }

        var results = new PublishedResult[count];
        clock.Observe(ReadResults(text, operations, results), sent);
        return (results, Refusal.None);
    }

    public async Task<StoredSession?> FindAsync(string clientId)
    {
        string? value = await database.HashGetAsync(keys[keys.ShardOf(clientId)].Clients, StoredClientId.Write(clientId)).ConfigureAwait(false);
        return value is null ? null : StoredSession.Parse(value);
    }

    /// <summary>Finds many.</summary>
    /// <returns>What was found, in the order of the ids.</returns>
    public async Task<StoredSession?[]> FindAsync(IReadOnlyList<string> clientIds)
    {
        var found = new StoredSession?[clientIds.Count];
        await Task.WhenAll(Enumerable.Range(0, clientIds.Count).GroupBy(i => keys.ShardOf(clientIds[i])).SelectMany(shard => shard.Chunk(FoundAtOnce).Select(async chunk =>
        {
            RedisValue[] values = await database.HashGetAsync(keys[shard.Key].Clients, [.. chunk.Select(i => StoredClientId.Write(clientIds[i]))]).ConfigureAwait(false);
            for (int i = 0; i < chunk.Length; i++)
            {
                found[chunk[i]] = (string?)values[i] is { } value ? StoredSession.Parse(value) : null;
            }
        }))).ConfigureAwait(false);
        return found;
    }

    /// <summary>Sends a message to the server that holds a client.</summary>
    /// <returns>Whether there is one.</returns>
    public async Task<bool> SendAsync(string clientId, ReadOnlyMemory<byte> message) =>
        (int)await scripts.RunAsync(StoreScripts.Send, [keys[keys.ShardOf(clientId)].Clients], [StoredClientId.Write(clientId), keys.ServerPrefix, message]).ConfigureAwait(false) == 1;

    /// <summary>Tells servers that clients of theirs have beaten elsewhere: a message for each server, and for each thousand of its clients.</summary>
    /// <returns>The clients that a server holds.</returns>
    public async Task<IReadOnlySet<string>> ForwardAsync(IReadOnlyList<string> clientIds)
    {
        long now = clock.At(timeProvider.GetTimestamp()); // before the store is asked: the heartbeats are as old as that at least
        StoredSession?[] found = await FindAsync(clientIds).ConfigureAwait(false);
        (string ClientId, string Epoch)[] held = [.. clientIds.Zip(found).Where(pair => pair.Second is { LostEpoch: "" }).Select(pair => (pair.First, pair.Second!.Value.Epoch))];
        await Task.WhenAll(held.GroupBy(client => client.Epoch, client => client.ClientId, StringComparer.Ordinal).SelectMany(server => server.Chunk(FoundAtOnce).Select(
            chunk => database.PublishAsync(keys.ChannelOf(server.Key), ForwardedHeartbeats.Write(now, chunk))))).ConfigureAwait(false);
        return held.Select(client => client.ClientId).ToHashSet(StringComparer.Ordinal);
    }

    public async Task<long> CountAsync()
    {
        long[] lengths = await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard => database.HashLengthAsync(keys[shard].Clients))).ConfigureAwait(false);
        return lengths.Sum();
    }

    public IAsyncEnumerable<HashEntry> ScanAsync(int shard, int pageSize) => database.HashScanAsync(keys[shard].Clients, pageSize: pageSize);

    /// <summary>Reads <c>now base result...</c>.</summary>
    /// <returns>The store's time.</returns>
    private static long ReadResults(ReadOnlySpan<char> text, IReadOnlyList<PublishedOperation> operations, PublishedResult[] results)
    {
        MemoryExtensions.SpanSplitEnumerator<char> parts = text.Split(' ');
        long now = ReadNumber(text, ref parts);
        long start = ReadNumber(text, ref parts);
        for (int i = 0; i < results.Length && parts.MoveNext(); i++)
        {
            ReadOnlySpan<char> part = text[parts.Current];
            results[i] = part is "+" ? new PublishedResult(start + 1 + i, operations[i].Stamp) : PublishedResult.Parse(part);
        }

        return now;
    }

    private static long ReadNumber(ReadOnlySpan<char> text, ref MemoryExtensions.SpanSplitEnumerator<char> parts)
    {
        parts.MoveNext();
        return long.Parse(text[parts.Current], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
