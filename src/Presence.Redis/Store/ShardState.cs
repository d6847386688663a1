namespace Presence.Redis.Store;

/// <summary>What a shard answered when it was asked for an epoch.</summary>
/// <param name="Now">The shard's time, in microseconds.</param>
/// <param name="IsKnown">Whether the epoch may write there and nothing that was answered is lost.</param>
/// <param name="Replaced">How many of its sessions the epoch was told were replaced.</param>
/// <param name="Changes">How many changes the shard has told.</param>
internal readonly record struct ShardState(long Now, bool IsKnown, long Replaced, long Changes);
