using System.Globalization;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Groups that linger on servers, in the store. Each method throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>They are of shard 0: with more than one there are no edges, and so nothing lingers. Thread safety: any thread.</remarks>
internal sealed class HoldStore(IDatabase database, StoreScripts scripts, StoreKeys keys, IGroupDuties duties)
{
    private const int Shard = 0;
    private const int PageSize = 1000;

    /// <summary>Reads the groups that an epoch holds.</summary>
    public async Task<List<GroupHold>> ReadAsync(string epoch)
    {
        var holds = new List<GroupHold>();
        await foreach (HashEntry entry in database.HashScanAsync(keys[Shard].Held, pageSize: PageSize).ConfigureAwait(false))
        {
            string[] words = ((string)entry.Value!).Split(' ');
            if (words[0] == epoch)
            {
                var reader = new MessageReader(((ReadOnlyMemory<byte>)entry.Name).Span);
                holds.Add(new GroupHold(StoredClientId.Read(reader.ReadText()), epoch, long.Parse(words[1], CultureInfo.InvariantCulture)));
            }
        }

        return holds;
    }

    /// <summary>Has groups be vacated that nobody has come back to.</summary>
    /// <param name="me">The epoch of this server.</param>
    /// <param name="holds">The groups, all held by one epoch.</param>
    /// <exception cref="EpochLostException">The epoch may not write any more.</exception>
    public async Task ReleaseAsync(string me, IReadOnlyList<GroupHold> holds)
    {
        StoreKeys.ShardKeys names = keys[Shard];
        RedisResult answer = await scripts.RunAsync(StoreScripts.Release, [names.Epochs, names.Groups, names.Edges, names.Held],
            [me, holds[0].Epoch, Shard, keys.Changes, duties.Mode, StoredTail.Write(state: [], [.. holds.Select(hold => hold.Group)]), .. holds.Select(hold => (RedisValue)hold.Batch)]).ConfigureAwait(false);
        if ((RedisValue)answer == "LOST")
        {
            throw new EpochLostException(me);
        }

        duties.Take(OwedEdge.ParseAll(Shard, (RedisValue)answer));
    }
}
