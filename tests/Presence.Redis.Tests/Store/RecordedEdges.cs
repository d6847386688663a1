using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

/// <summary>The edges that answers named.</summary>
internal sealed class RecordedEdges : IGroupDuties
{
    private readonly List<OwedEdge> _taken = [];

    public string Mode { get; set; } = "c";

    public List<GroupHold> Holds { get; } = [];

    public bool IsMissing { get; private set; }

    /// <summary>Those that came since the last time.</summary>
    public OwedEdge[] TakeAll()
    {
        OwedEdge[] taken = [.. _taken];
        _taken.Clear();
        return taken;
    }

    public void Take(IReadOnlyList<OwedEdge> edges) => _taken.AddRange(edges);

    public void Take(IReadOnlyList<GroupHold> holds) => Holds.AddRange(holds);

    public void MayHaveMissed() => IsMissing = true;
}
