namespace Presence.Redis.Store;

/// <summary>The store does not let an epoch write any more.</summary>
internal sealed class EpochLostException(string epoch) : Exception($"Epoch {epoch} has lost its lease, or the store has lost it.");
