namespace Presence.Redis.Store;

/// <summary>Takes what answers of the store say that this server is to do for groups.</summary>
internal interface IGroupDuties
{
    /// <summary>What scripts are told: empty if there are no edges, as where groups are spread over shards; <c>s</c> if they are only published; <c>c</c> if callbacks are owed.</summary>
    string Mode { get; }

    /// <summary>Takes edges whose callbacks this server owes.</summary>
    void Take(IReadOnlyList<OwedEdge> edges);

    /// <summary>Takes groups that stay occupied until this server releases them.</summary>
    void Take(IReadOnlyList<GroupHold> holds);

    /// <summary>Takes in that an answer was lost, which may have named some: the store must be asked.</summary>
    void MayHaveMissed();
}
