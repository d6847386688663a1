namespace Presence.Redis.Tests.Schedules;

/// <summary>The groups of a schedule: users of three devices each, and rooms that they come to and leave.</summary>
internal static class GroupCheck
{
    private const int Devices = 3, Rooms = 5;

    /// <summary>The groups that a client enters with its join.</summary>
    public static string[] OfJoin(int client) => [$"user:{client / Devices}", RoomOf(client)];

    public static string[] All(int clients) => [.. Enumerable.Range(0, clients).SelectMany(OfJoin).Distinct()];

    public static string RoomOf(int number) => $"room:{number % Rooms}";

    /// <summary>How what the store says of groups differs from what the servers' trackers say together.</summary>
    public static async Task<string> DifferenceAsync(IClusterGroups stored, IReadOnlyList<PresenceTracker> trackers, int clients)
    {
        string[] groups = All(clients);
        var differences = new List<string>();
        var occupied = new List<string>();
        foreach (string group in groups)
        {
            string[] expected = [.. trackers.SelectMany(tracker => tracker.Groups.Members(group)).Select(member => member.Client.ClientId).Order()];
            string[] members = [.. await stored.ReadMembersAsync(group).Select(member => member.ClientId).Order().ToListAsync()];
            long count = await stored.CountAsync(group);
            if (!members.SequenceEqual(expected) || count != expected.Length)
            {
                differences.Add($"{group} has {string.Join(", ", expected)}, stored {string.Join(", ", members)}, counted {count}");
            }

            if (expected.Length > 0)
            {
                occupied.Add(group);
            }
        }

        if (!(await stored.OccupiedAsync(groups)).SequenceEqual(occupied))
        {
            differences.Add("the occupied groups are others");
        }

        return string.Join("; ", differences);
    }
}
