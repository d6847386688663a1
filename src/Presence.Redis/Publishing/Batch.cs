using Presence.Redis.Store;

namespace Presence.Redis.Publishing;

/// <summary>Operations for one shard, one per client.</summary>
/// <param name="Epoch">The epoch they are published under.</param>
/// <param name="Number">The place of the batch among those of the epoch and shard: the store refuses one that comes after a later one.</param>
/// <param name="Answered">The last that was answered when it was made: the store must know that.</param>
/// <param name="Capacity">How many operations are likely.</param>
internal sealed record Batch(string Epoch, long Number, long Answered, int Capacity)
{
    public List<PublishedClient> Clients { get; } = new(Capacity);

    /// <summary>Groups that clients leave by it and that are still occupied here.</summary>
    public HashSet<string> Lingering { get; } = new(StringComparer.Ordinal);

    public List<PublishedOperation> Operations { get; } = new(Capacity);
}
