namespace Presence.Redis.Publishing;

/// <summary>The groups of a session, sorted: so the same groups are always written alike, and few of them cost little.</summary>
internal static class GroupList
{
    public static readonly string[] Empty = [];

    public static string[] Of(IEnumerable<string> groups)
    {
        string[] list = [.. groups];
        Array.Sort(list, StringComparer.Ordinal);
        return list;
    }

    public static string[] Union(string[] list, string[] other) =>
        list.Length == 0 || list == other ? other : other.Length == 0 ? list : Of(list.Union(other, StringComparer.Ordinal));

    /// <returns>The same list if it has the group.</returns>
    public static string[] Add(string[] list, string group)
    {
        int place = Array.BinarySearch(list, group, StringComparer.Ordinal);
        return place >= 0 ? list : [.. list[..~place], group, .. list[~place..]];
    }

    /// <returns>The same list if it has not the group.</returns>
    public static string[] Remove(string[] list, string group)
    {
        int place = Array.BinarySearch(list, group, StringComparer.Ordinal);
        return place < 0 ? list : list.Length == 1 ? Empty : [.. list[..place], .. list[(place + 1)..]];
    }
}
