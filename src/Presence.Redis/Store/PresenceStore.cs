using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>What the scripts do, as methods. Each throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class PresenceStore(IConnectionMultiplexer connection, StoreKeys keys, StoreClock clock, TimeProvider timeProvider)
{
    /// <summary>How many clients a script reads at once: about a millisecond of the store's time.</summary>
    private const int PageSize = 250;

    /// <summary>Where scripts that read pages have the cursor.</summary>
    private const int CursorArgument = 2;

    private readonly IDatabase _database = connection.GetDatabase();

    public StoreKeys Keys => keys;

    /// <summary>Whether an exception says that the store could not be reached, or could not answer, or that the host has closed its connection.</summary>
    public static bool IsStoreFailure(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;

    /// <summary>Takes a new epoch.</summary>
    /// <exception cref="InvalidOperationException">The cluster has another number of shards.</exception>
    public async Task<string> RegisterAsync(TimeSpan lease, string name, string oldEpoch)
    {
        long sent = timeProvider.GetTimestamp();
        RedisResult[] answer = await RunAsync(StoreScripts.Register, [keys.Servers], [Microseconds(lease), name, keys.Shards, oldEpoch]).ConfigureAwait(false);
        if ((string?)answer[0] == "SHARDS")
        {
            throw new InvalidOperationException(
                $"The servers at {keys.Servers} use {answer[1]} shards and this one is set to {keys.Shards}. Set {nameof(RedisPresenceOptions.Shards)} alike, or give another {nameof(RedisPresenceOptions.KeyPrefix)}.");
        }

        clock.Observe((long)answer[1], sent);
        return (string)answer[2]!;
    }

    /// <summary>Lets an epoch write in every shard.</summary>
    public Task OpenAsync(string epoch) =>
        Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard => EvaluateAsync(StoreScripts.Open, [keys[shard].Epochs], [epoch])));

    /// <summary>Renews the lease of an epoch.</summary>
    /// <returns>Null if the epoch is dead, or the store does not know it.</returns>
    public async Task<Renewal?> RenewAsync(TimeSpan lease, string epoch)
    {
        long sent = timeProvider.GetTimestamp();
        RedisResult[] answer = await RunAsync(StoreScripts.Renew, [keys.Servers], [Microseconds(lease), epoch]).ConfigureAwait(false);
        if ((string?)answer[0] == "LOST")
        {
            return null;
        }

        clock.Observe((long)answer[1], sent);
        TimeSpan? nextLapse = (string?)answer[2] is { Length: > 0 } micros ? TimeSpan.FromMicroseconds(long.Parse(micros, CultureInfo.InvariantCulture)) : null;
        return new Renewal(nextLapse, (string[])answer[3]!, ReadServers((RedisValue[])answer[4]!));
    }

    /// <summary>Publishes what happened to clients of one shard.</summary>
    /// <returns>The results, one per client; null if the epoch may not write here.</returns>
    public async Task<PublishedResult[]?> PublishAsync(int shard, string epoch, long batch, long answered, IReadOnlyList<PublishedOperation> operations)
    {
        int count = operations.Count;
        var arguments = new RedisValue[6 + (3 * count)];
        (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]) =
            (epoch, batch, answered, shard, keys.Changes, keys.ServerPrefix);
        for (int i = 0; i < count; i++)
        {
            PublishedOperation operation = operations[i];
            arguments[6 + i] = operation.ClientId;
            arguments[6 + count + i] = operation.PublishedEpoch.Length == 0 ? operation.Kind : $"{operation.Kind}{operation.PublishedEpoch}";
            arguments[6 + (2 * count) + i] = operation.Stamp.ToString("x", CultureInfo.InvariantCulture);
        }

        long sent = timeProvider.GetTimestamp();
        RedisResult answer = await EvaluateAsync(StoreScripts.Publish, [keys[shard].Clients, keys[shard].Epochs], arguments).ConfigureAwait(false);
        string text = (string)answer!;
        if (text == "LOST")
        {
            return null;
        }

        var results = new PublishedResult[count];
        clock.Observe(ReadResults(text, operations, results), sent);
        return results;
    }

    /// <summary>Claims what a dead epoch holds, shard by shard and page by page.</summary>
    /// <param name="me">The claimer.</param>
    /// <param name="dead">The dead epoch.</param>
    /// <param name="isOwn">Whether it is an earlier epoch of the claimer, which has published anew what it still has.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="EpochLostException">The claimer may not write any more.</exception>
    public async IAsyncEnumerable<Claim> ClaimAsync(string me, string dead, bool isOwn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int shard = 0; shard < keys.Shards; shard++)
        {
            RedisKey[] scriptKeys = [keys[shard].Clients, keys[shard].Epochs];
            await foreach (RedisValue[] page in ReadPagesAsync(StoreScripts.Claim, scriptKeys, [me, dead, 0, PageSize, shard, keys.Changes, isOwn ? 1 : 0], cancellationToken).ConfigureAwait(false))
            {
                for (int i = 2; i < page.Length; i += 4)
                {
                    yield return new Claim(shard, page[i], (long)page[i + 1], (long)page[i + 2]);
                }
            }
        }
    }

    /// <summary>Takes over the callbacks that a dead epoch owed.</summary>
    /// <exception cref="EpochLostException">The claimer may not write any more.</exception>
    public async IAsyncEnumerable<Verdict> InheritAsync(string me, string dead, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int shard = 0; shard < keys.Shards; shard++)
        {
            RedisKey[] scriptKeys = [keys[shard].Verdicts, keys[shard].Epochs];
            await foreach (RedisValue[] page in ReadPagesAsync(StoreScripts.Inherit, scriptKeys, [me, dead, 0, PageSize], cancellationToken).ConfigureAwait(false))
            {
                for (int i = 2; i < page.Length; i++)
                {
                    yield return Verdict.Parse(shard, page[i]);
                }
            }
        }
    }

    /// <summary>Ends the claimed sessions of one shard that nobody has taken over.</summary>
    /// <returns>Those whose callbacks are now the claimer's to run.</returns>
    /// <exception cref="EpochLostException">The claimer may not write any more.</exception>
    public async Task<List<Verdict>> EndClaimedAsync(string me, int shard, IReadOnlyList<Claim> claims)
    {
        var arguments = new List<RedisValue> { me, shard, keys.Changes };
        foreach (Claim claim in claims)
        {
            arguments.AddRange([claim.StoredClientId, claim.Stamp, claim.Token]);
        }

        StoreKeys.ShardKeys names = keys[shard];
        string answer = (string)(await EvaluateAsync(StoreScripts.Verdict, [names.Clients, names.Epochs, names.Verdicts], [.. arguments]).ConfigureAwait(false))!;
        if (answer == "LOST")
        {
            throw new EpochLostException(me);
        }

        return [.. claims.Where((_, i) => answer[i] == '1').Select(claim => new Verdict(shard, claim.StoredClientId, claim.Token))];
    }

    /// <summary>Notes that the callbacks of verdicts have run.</summary>
    public Task SettleAsync(int shard, IEnumerable<Verdict> verdicts) =>
        EvaluateAsync(StoreScripts.Delete, [keys[shard].Verdicts], [.. verdicts.Select(verdict => verdict.Field)]);

    /// <summary>Removes a dead epoch of which nothing is left.</summary>
    public Task ForgetAsync(string me, string dead) => EvaluateAsync(StoreScripts.Forget, [keys.Servers], [me, dead]);

    /// <summary>Has an epoch end in good order.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="hasClaims">Whether it leaves claims for another to find.</param>
    public async Task LeaveAsync(string epoch, bool hasClaims)
    {
        if (!hasClaims)
        {
            await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard => EvaluateAsync(StoreScripts.Delete, [keys[shard].Epochs], ["e:" + epoch]))).ConfigureAwait(false);
        }

        await EvaluateAsync(StoreScripts.Leave, [keys.Servers], [epoch, hasClaims ? 1 : 0]).ConfigureAwait(false);
    }

    public async Task<StoredSession?> FindAsync(string clientId)
    {
        string? value = await _database.HashGetAsync(keys[keys.ShardOf(clientId)].Clients, StoredClientId.Write(clientId)).ConfigureAwait(false);
        return value is null ? null : StoredSession.Parse(value);
    }

    public async Task<long> CountAsync()
    {
        long[] lengths = await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard => _database.HashLengthAsync(keys[shard].Clients))).ConfigureAwait(false);
        return lengths.Sum();
    }

    public IAsyncEnumerable<HashEntry> ScanAsync(int shard, int pageSize) => _database.HashScanAsync(keys[shard].Clients, pageSize: pageSize);

    public async Task<IReadOnlyList<ServerRecord>> ReadServersAsync()
    {
        HashEntry[] all = await _database.HashGetAllAsync(keys.Servers).ConfigureAwait(false);
        return ReadServers([.. all.Where(entry => !((string)entry.Name!).StartsWith('.')).SelectMany(entry => (RedisValue[])[entry.Name, entry.Value])]);
    }

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

    private static long Microseconds(TimeSpan span) => (long)span.TotalMicroseconds;

    private static ServerRecord[] ReadServers(RedisValue[] pairs)
    {
        var servers = new ServerRecord[pairs.Length / 2];
        for (int i = 0; i < servers.Length; i++)
        {
            string[] record = ((string)pairs[(2 * i) + 1]!).Split(' ', 3);
            servers[i] = new ServerRecord((string)pairs[2 * i]!, record[2], record[0] == "D");
        }

        return servers;
    }

    private async Task<RedisResult[]> RunAsync(string script, RedisKey[] scriptKeys, RedisValue[] arguments) =>
        (RedisResult[])(await EvaluateAsync(script, scriptKeys, arguments).ConfigureAwait(false))!;

    /// <summary>Runs a script over all pages of a hash, until it finds nothing more to do there.</summary>
    /// <remarks>Once is not enough: Garnet's cursor is a place, so what is removed meanwhile makes it pass over as many others.</remarks>
    private async IAsyncEnumerable<RedisValue[]> ReadPagesAsync(
        string script, RedisKey[] scriptKeys, RedisValue[] arguments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long done;
        do
        {
            (done, arguments[CursorArgument]) = (0, 0);
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                var page = (RedisValue[])(await EvaluateAsync(script, scriptKeys, arguments).ConfigureAwait(false))!;
                if (page[0] == "LOST")
                {
                    throw new EpochLostException((string)arguments[0]!);
                }

                (arguments[CursorArgument], done) = (page[0], done + (long)page[1]);
                yield return page;
            }
            while (arguments[CursorArgument] != 0);
        }
        while (done > 0);
    }

    /// <summary>Runs a script, and once more if the store has forgotten it, as after a restart.</summary>
    private async Task<RedisResult> EvaluateAsync(string script, RedisKey[] scriptKeys, RedisValue[] arguments)
    {
        try
        {
            return await _database.ScriptEvaluateAsync(script, scriptKeys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.Contains("NOSCRIPT", StringComparison.Ordinal))
        {
            return await _database.ScriptEvaluateAsync(script, scriptKeys, arguments).ConfigureAwait(false);
        }
    }
}
