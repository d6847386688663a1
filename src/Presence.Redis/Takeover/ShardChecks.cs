using Presence.Redis.Changes;
using Presence.Redis.Publishing;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Takeover;

/// <summary>Asks every shard whether it still has all that it answered, and how much it has told: what was told and did not come is missed.</summary>
/// <remarks>Thread safety: one loop.</remarks>
internal sealed class ShardChecks(MemberStore store, StoreKeys keys, Publisher publisher, ClusterChangeFeed feed, Troubles troubles, TimeSpan lease, TimeProvider timeProvider)
{
    private readonly long[] _replaced = new long[keys.Shards];
    private string _epoch = string.Empty;
    private long _comparedAt;

    /// <summary>Whether enough time has passed since the last time for what was told by then to have come.</summary>
    public bool IsComparable { get; private set; }

    /// <summary>How many sessions of the epoch that was last asked for the shards have told were replaced.</summary>
    public long Replaced => _replaced.Sum();

    /// <summary>Asks all shards.</summary>
    /// <returns>False if one has lost what it had of the epoch. One that cannot answer has lost nothing as far as we know.</returns>
    public async Task<bool> RunAsync(string epoch)
    {
        if (_epoch != epoch)
        {
            Array.Clear(_replaced);
            _epoch = epoch;
        }

        IsComparable = _comparedAt == 0 || timeProvider.GetElapsedTime(_comparedAt) >= lease / 6;
        _comparedAt = IsComparable ? timeProvider.GetTimestamp() : _comparedAt;
        bool[] areKnown = await Task.WhenAll(Enumerable.Range(0, keys.Shards).Select(shard => CheckAsync(shard, epoch))).ConfigureAwait(false);
        return !areKnown.Contains(false);
    }

    private async Task<bool> CheckAsync(int shard, string epoch)
    {
        string trouble = $"reaching shard {shard}";
        try
        {
            ShardState state = await store.CheckAsync(shard, epoch, publisher.AnsweredUnder(epoch, shard)).ConfigureAwait(false);
            troubles.Clear(trouble);
            _replaced[shard] = state.Replaced;
            if (IsComparable)
            {
                feed.OnChecked(shard, state.Changes);
            }

            return state.IsKnown;
        }
        catch (Exception exception) when (StoreFailure.Is(exception))
        {
            troubles.Report(trouble, exception);
            return true;
        }
    }
}
