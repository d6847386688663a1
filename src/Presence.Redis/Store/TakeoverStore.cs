using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>What a claimer does in the store. Each method throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class TakeoverStore(StoreScripts scripts, StoreKeys keys, IGroupDuties duties)
{
    /// <summary>How many clients a script reads at once: about a millisecond of the store's time.</summary>
    private const int PageSize = 250;

    /// <summary>Where scripts that read pages have the cursor.</summary>
    private const int CursorArgument = 2;

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
            RedisKey[] scriptKeys = [keys[shard].Clients, keys[shard].Epochs, keys[shard].Groups, keys[shard].Members, keys[shard].Edges, keys[shard].Held];
            await foreach (RedisValue[] page in ReadPagesAsync(StoreScripts.Claim, scriptKeys, [me, dead, 0, PageSize, shard, keys.Changes, isOwn ? 1 : 0, duties.Mode], cancellationToken).ConfigureAwait(false))
            {
                duties.Take(OwedEdge.ParseAll(shard, page[2]));
                for (int i = 3; i < page.Length; i += 4)
                {
                    yield return new Claim(shard, page[i], (long)page[i + 1], (long)page[i + 2]);
                }
            }
        }
    }

    /// <summary>Takes over the callbacks of edges that a dead epoch owed, and takes those anew that this server owes.</summary>
    /// <exception cref="EpochLostException">The claimer may not write any more.</exception>
    public async Task InheritEdgesAsync(string me, string dead, CancellationToken cancellationToken)
    {
        var owed = new HashSet<OwedEdge>(); // a page may come again, when what it names is settled
        for (int shard = 0; shard < keys.Shards; shard++)
        {
            RedisKey[] scriptKeys = [keys[shard].Edges, keys[shard].Epochs];
            await foreach (RedisValue[] page in ReadPagesAsync(StoreScripts.Inherit, scriptKeys, [me, dead, 0, PageSize], cancellationToken).ConfigureAwait(false))
            {
                owed.UnionWith(page[2..].SelectMany(field => OwedEdge.ParseAll(shard, field)));
            }
        }

        duties.Take([.. owed.OrderBy(edge => edge.Number)]);
    }

    /// <summary>Notes that the callbacks of edges have run.</summary>
    public Task SettleAsync(int shard, IEnumerable<OwedEdge> edges) =>
        scripts.RunAsync(StoreScripts.Delete, [keys[shard].Edges], [.. edges.Select(edge => edge.Field)]);

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
    /// <param name="me">The claimer.</param>
    /// <param name="claims">What it claimed, of one shard.</param>
    /// <param name="deadline">By the shard's clock in microseconds, until when the store may do it.</param>
    /// <returns>Those whose callbacks are now the claimer's to run; null if the call came later than that.</returns>
    /// <exception cref="EpochLostException">The claimer may not write any more.</exception>
    public async Task<List<Verdict>?> EndClaimedAsync(string me, IReadOnlyList<Claim> claims, long deadline)
    {
        int shard = claims[0].Shard;
        var arguments = new List<RedisValue> { me, deadline, shard, keys.Changes, duties.Mode };
        foreach (Claim claim in claims)
        {
            arguments.AddRange([claim.StoredClientId, claim.Stamp, claim.Token]);
        }

        StoreKeys.ShardKeys names = keys[shard];
        RedisResult result = await scripts.RunAsync(
            StoreScripts.Verdict, [names.Clients, names.Epochs, names.Verdicts, names.Groups, names.Members, names.Edges, names.Held], [.. arguments]).ConfigureAwait(false);
        if (result.Length > 0)
        {
            duties.Take(OwedEdge.ParseAll(shard, (RedisValue)result[1]));
        }

        string answer = (string)(result.Length < 0 ? result : result[0])!;
        return answer switch
        {
            "LOST" => throw new EpochLostException(me),
            "LATE" => null,
            _ => [.. claims.Where((_, i) => answer[i] == '1').Select(claim => new Verdict(shard, claim.StoredClientId, claim.Token))],
        };
    }

    /// <summary>Notes that the callbacks of verdicts have run.</summary>
    public Task SettleAsync(int shard, IEnumerable<Verdict> verdicts) =>
        scripts.RunAsync(StoreScripts.Delete, [keys[shard].Verdicts], [.. verdicts.Select(verdict => verdict.Field)]);

    /// <summary>Has a script read a hash of which it changes what it reads, until it finds nothing more to change: a cursor may pass over what others remove meanwhile.</summary>
    private async IAsyncEnumerable<RedisValue[]> ReadPagesAsync(string script, RedisKey[] scriptKeys, RedisValue[] arguments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long done;
        do
        {
            (done, arguments[CursorArgument]) = (0, 0);
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                var page = (RedisValue[])(await scripts.RunAsync(script, scriptKeys, arguments).ConfigureAwait(false))!;
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
}
