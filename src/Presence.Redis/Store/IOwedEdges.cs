namespace Presence.Redis.Store;

/// <summary>Takes the edges whose callbacks this server owes, from answers of the store.</summary>
internal interface IOwedEdges
{
    /// <summary>What scripts are told: empty if there are no edges, as where groups are spread over shards; <c>s</c> if they are only published; <c>c</c> if callbacks are owed.</summary>
    string Mode { get; }

    void Take(IReadOnlyList<OwedEdge> edges);

    /// <summary>Takes in that an answer was lost, which may have named some: the store must be asked.</summary>
    void MayHaveMissed();
}
