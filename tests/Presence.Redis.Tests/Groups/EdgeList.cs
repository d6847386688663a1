namespace Presence.Redis.Tests.Groups;

/// <summary>Checks what callbacks of all servers were told of groups.</summary>
internal static class EdgeList
{
    /// <summary>What is wrong: each number is one edge of a group, they alternate, and the last says whether it is occupied.</summary>
    /// <param name="told">What was told, in any order; the same may be told again.</param>
    /// <param name="occupied">The groups that are occupied now.</param>
    public static IEnumerable<string> WrongIn(IEnumerable<ClusterGroupChange> told, IEnumerable<string> occupied)
    {
        var left = occupied.ToHashSet();
        foreach (IGrouping<string, ClusterGroupChange> group in told.Distinct().GroupBy(change => change.Group))
        {
            ClusterGroupChange[] edges = [.. group.OrderBy(change => change.Number)];
            if (edges.Where((edge, i) => edge.Kind != (i % 2 == 0 ? PresenceChanges.Occupied : PresenceChanges.Vacated)).Any() || edges.DistinctBy(edge => edge.Number).Count() < edges.Length)
            {
                yield return $"{group.Key} does not alternate: {string.Join(", ", edges.Select(edge => $"{edge.Kind} {edge.Number}"))}";
            }

            if (left.Remove(group.Key) != (edges[^1].Kind == PresenceChanges.Occupied))
            {
                yield return $"{group.Key} was last told {edges[^1].Kind}, which it is not";
            }
        }

        foreach (string group in left)
        {
            yield return $"{group} is occupied and was never told";
        }
    }
}
