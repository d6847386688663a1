using System.Globalization;
using Presence.Redis.Heartbeats;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Clients and who holds them, in the store. Each method throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class SessionStore(IDatabase database, StoreScripts scripts, StoreKeys keys, StoreClock clock, IGroupDuties duties, TimeProvider timeProvider)
{
    /// <summary>How many clients one command asks for: well under a millisecond of the store's time.</summary>
    private const int FoundAtOnce = 1000;

    public StoreKeys Keys => keys;

    /// <summary>Publishes what happened to clients of one shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="epoch">The epoch to publish under.</param>
    /// <param name="batch">The number of the batch.</param>
    /// <param name="answered">The last that was answered.</param>
    /// <param name="operations">One per client.</param>
    /// <param name="lingering">Groups that they leave and that are occupied in this server's tracker: if nobody is left, this server holds them.</param>
    /// <returns>The results, one per client; or why the store took none of it.</returns>
    public async Task<(PublishedResult[]? Results, Refusal Refusal)> PublishAsync(int shard, string epoch, long batch, long answered, IReadOnlyList<PublishedOperation> operations, IReadOnlyCollection<string>? lingering = null)
    {
        int count = operations.Count;
        RedisValue[] arguments = ArgumentsOf(operations);
        (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], arguments[6], arguments[7]) =
            (epoch, batch, answered, shard, keys.Changes, keys.ServerPrefix, count, duties.Mode);
        arguments[8] = StoredTail.Write(state: [], lingering ?? []);
        StoreKeys.ShardKeys names = keys[shard];
        long sent = timeProvider.GetTimestamp();
        RedisResult answer = await RunAsync(StoreScripts.Publish, [names.Clients, names.Epochs, names.Replaced, names.Groups, names.Members, names.Edges, names.Held], arguments).ConfigureAwait(false);
        string text = (string)(answer.Length < 0 ? answer : answer[0])!;
        if (text is "LOST" or "STALE")
        {
            return (null, text == "LOST" ? Refusal.EpochLost : Refusal.Overtaken);
        }

        var results = new PublishedResult[count];
        clock.Observe(ReadResults(text, operations, results), sent);
        if (answer.Length > 0)
        {
            duties.Take(OwedEdge.ParseAll(shard, (RedisValue)answer[1]));
            duties.Take([.. StoredTail.ReadGroups(((ReadOnlyMemory<byte>)(RedisValue)answer[2]).Span).Select(group => new GroupHold(group, epoch, batch))]);
        }

        return (results, Refusal.None);
    }

    public async Task<StoredSession?> FindAsync(string clientId)
    {
        RedisValue value = await database.HashGetAsync(keys[keys.ShardOf(clientId)].Clients, StoredClientId.Write(clientId)).ConfigureAwait(false);
        return value.IsNull ? null : StoredSession.Parse(value);
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
                found[chunk[i]] = values[i].IsNull ? null : StoredSession.Parse(values[i]);
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

    private async Task<RedisResult> RunAsync(string script, RedisKey[] scriptKeys, RedisValue[] arguments)
    {
        try
        {
            return await scripts.RunAsync(script, scriptKeys, arguments).ConfigureAwait(false);
        }
        catch
        {
            duties.MayHaveMissed();
            throw;
        }
    }

    private static RedisValue[] ArgumentsOf(IReadOnlyList<PublishedOperation> operations)
    {
        const int Fixed = 9;
        int count = operations.Count, tails = Fixed + (3 * count);
        var arguments = new RedisValue[tails + operations.Count(operation => operation.HasTail)];
        for (int i = 0; i < count; i++)
        {
            PublishedOperation operation = operations[i];
            arguments[Fixed + i] = operation.ClientId;
            arguments[Fixed + count + i] = KindOf(operation);
            arguments[Fixed + (2 * count) + i] = operation.Stamp.ToString("x", CultureInfo.InvariantCulture);
            if (operation.HasTail)
            {
                arguments[tails++] = operation.Tail;
            }
        }

        return arguments;
    }

    private static RedisValue KindOf(in PublishedOperation operation) =>
        operation.PublishedEpochs.Length == 0 && !operation.HasTail ? operation.Kind
        : string.Create(CultureInfo.InvariantCulture,
            $"{operation.Kind}{(operation.HasTail ? "*" : "")}{operation.PublishedEpochs}{(operation.KnownToken == 0 ? "" : "/")}{(operation.KnownToken == 0 ? null : operation.KnownToken)}");

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
