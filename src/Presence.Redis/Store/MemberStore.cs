using System.Globalization;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Servers and their leases in the store. Each method throws what StackExchange.Redis throws when the store cannot be reached.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class MemberStore(IDatabase database, StoreScripts scripts, StoreKeys keys, StoreClock clock, TimeProvider timeProvider)
{
    private const string EpochCharacters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>So that what is stored of a client fits the 32 bytes that an allocator has for it; and 41 bits, so that no epoch comes twice.</summary>
    private const int EpochLength = 7;

    private RedisKey[] AllKeys => [keys.Servers, keys.Leases, keys.Dead];

    /// <summary>Takes a new epoch.</summary>
    /// <exception cref="InvalidOperationException">The cluster has another number of shards.</exception>
    public async Task<string> RegisterAsync(TimeSpan lease, string name, string oldEpoch)
    {
        while (true)
        {
            string epoch = RandomNumberGenerator.GetString(EpochCharacters, EpochLength);
            long sent = timeProvider.GetTimestamp();
            var answer = (RedisResult[])(await scripts.RunAsync(StoreScripts.Register, AllKeys, [Microseconds(lease), name, keys.Shards, epoch, oldEpoch]).ConfigureAwait(false))!;
            switch ((string?)answer[0])
            {
                case "SHARDS":
                    throw new InvalidOperationException(
                        $"The servers at {keys.Servers} use {answer[1]} shards and this one is set to {keys.Shards}. Set {nameof(RedisPresenceOptions.Shards)} alike, stop them all before you change it, or give another {nameof(RedisPresenceOptions.KeyPrefix)}.");
                case "TAKEN":
                    continue;
                default:
                    clock.Observe((long)answer[1], sent);
                    return epoch;
            }
        }
    }

    /// <summary>Lets an epoch write in every shard, if that is done in time.</summary>
    /// <returns>False if a shard was away for so long that the epoch may have been taken for dead.</returns>
    public async Task<bool> TryOpenAsync(string epoch, TimeSpan timeLimit)
    {
        long started = timeProvider.GetTimestamp();
        bool[] areOpen = await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(TryOpenAsync)).ConfigureAwait(false);
        return !areOpen.Contains(false);

        async Task<bool> TryOpenAsync(int shard)
        {
            ShardState state = await CheckAsync(shard, epoch, answered: 0).ConfigureAwait(false);
            TimeSpan left = timeLimit - timeProvider.GetElapsedTime(started);
            return (string?)await scripts.RunAsync(StoreScripts.Open, [keys[shard].Epochs], [epoch, state.Now + Microseconds(left)]).ConfigureAwait(false) == "OK";
        }
    }

    /// <summary>Renews the lease of an epoch.</summary>
    /// <returns>Null if the epoch is dead, or the store does not know it.</returns>
    public async Task<Renewal?> RenewAsync(TimeSpan lease, string epoch)
    {
        long sent = timeProvider.GetTimestamp();
        var answer = (RedisResult[])(await scripts.RunAsync(StoreScripts.Renew, AllKeys, [Microseconds(lease), epoch]).ConfigureAwait(false))!;
        if ((string?)answer[0] == "LOST")
        {
            return null;
        }

        clock.Observe((long)answer[1], sent);
        TimeSpan? nextLapse = (string?)answer[2] is { Length: > 0 } micros ? FromMicroseconds(micros) : null;
        return new Renewal(nextLapse, FromMicroseconds((string)answer[3]!), (string)answer[4]!, (string?)answer[5] == "1", (string[])answer[6]!);
    }

    /// <summary>Asks a shard whether it still has everything that it answered to an epoch.</summary>
    public async Task<ShardState> CheckAsync(int shard, string epoch, long answered)
    {
        var answer = (RedisResult[])(await scripts.RunAsync(StoreScripts.Check, [keys[shard].Epochs], [epoch, answered]).ConfigureAwait(false))!;
        return new ShardState((long)answer[0], (string?)answer[1] == "1", (long)answer[2], (long)answer[3]);
    }

    /// <summary>Takes up the epochs that may write in some shard and that the store knows nothing else of: the servers have died, and the key that told of them came back empty.</summary>
    /// <returns>How many.</returns>
    public async Task<int> AdoptAsync(string me)
    {
        var epochs = new HashSet<string>(StringComparer.Ordinal);
        for (int shard = 0; shard < keys.Shards; shard++)
        {
            foreach (RedisValue field in await database.HashKeysAsync(keys[shard].Epochs).ConfigureAwait(false))
            {
                if ((string)field! is ['e', ':', .. string epoch])
                {
                    epochs.Add(epoch);
                }
            }
        }

        epochs.ExceptWith((await ReadAsync().ConfigureAwait(false)).Select(server => server.Epoch));
        return epochs.Count == 0 ? 0 : (int)await scripts.RunAsync(StoreScripts.Adopt, AllKeys, [me, .. epochs.Take(1000).Select(epoch => (RedisValue)epoch)]).ConfigureAwait(false);
    }

    /// <summary>Removes a dead epoch of which nothing is left.</summary>
    public Task ForgetAsync(string me, string dead) => scripts.RunAsync(StoreScripts.Forget, [keys.Dead], [me, dead]);

    /// <summary>Has an epoch end in good order.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="isUnfinished">Whether it leaves something for another to find.</param>
    public async Task LeaveAsync(string epoch, bool isUnfinished)
    {
        if (!isUnfinished)
        {
            await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard =>
                scripts.RunAsync(StoreScripts.Delete, [keys[shard].Epochs], ["e:" + epoch, "t:" + epoch]))).ConfigureAwait(false);
        }

        await scripts.RunAsync(StoreScripts.Leave, AllKeys, [epoch, isUnfinished ? 1 : 0]).ConfigureAwait(false);
    }

    /// <summary>How many live that have not said that they leave.</summary>
    public Task<long> CountLivingAsync() => database.SortedSetLengthAsync(keys.Leases, min: 1);

    public async Task<IReadOnlyList<ServerRecord>> ReadAsync()
    {
        Task<HashEntry[]> living = database.HashGetAllAsync(keys.Servers), dead = database.HashGetAllAsync(keys.Dead);
        return [.. (await living.ConfigureAwait(false)).Where(entry => !((string)entry.Name!).StartsWith('.')).Select(entry => new ServerRecord((string)entry.Name!, (string)entry.Value!, IsDead: false)),
            .. (await dead.ConfigureAwait(false)).Select(entry => new ServerRecord((string)entry.Name!, AfterSpace((string)entry.Value!), IsDead: true))];
    }

    private static string AfterSpace(string text) => text[(text.IndexOf(' ') + 1)..];

    private static long Microseconds(TimeSpan span) => (long)span.TotalMicroseconds;

    private static TimeSpan FromMicroseconds(string text) => TimeSpan.FromMicroseconds(long.Parse(text, CultureInfo.InvariantCulture));
}
