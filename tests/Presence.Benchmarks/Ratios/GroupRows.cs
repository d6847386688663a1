using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>What groups cost: a join and a leave of a session in two of them, and their memory.</summary>
internal static class GroupRows
{
    private const int Count = 1_000_000;
    private const int Users = Count / 2;
    private const int RoomSize = 1_000;
    private const int PerBlock = 1_000;
    private const int BlockCount = 200;

    public static IEnumerable<Row> Measure()
    {
        yield return MeasureMemory();
        yield return MeasureChurn();
    }

    /// <summary>A million sessions, each in the group of its user, who has two; without the keys.</summary>
    private static Row MeasureMemory()
    {
        string[] ids = Clients.Ids(Count);
        IReadOnlyList<string>[] users = [.. Clients.Ids(Users, "user").Select(user => (IReadOnlyList<string>)[user])];
        double without = MeasureMemory(ids, client => null);
        double with = MeasureMemory(ids, client => new JoinOptions { Groups = users[client % Users] });
        GC.KeepAlive(users);
        return new Row("memory-per-membership", with - without, 1, "B", 64);
    }

    private static double MeasureMemory(string[] ids, Func<int, JoinOptions?> options)
    {
        RatioCommand.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var presence = new PresenceContender();
        for (int client = 0; client < ids.Length; client++)
        {
            presence.Tracker.Join(ids[client], options(client));
        }

        double bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / ids.Length;
        GC.KeepAlive(presence);
        return bytes;
    }

    /// <summary>A session in the group of its own user and in a room of a thousand, beside one in none; while a million others are online.</summary>
    private static Row MeasureChurn()
    {
        using var presence = new PresenceContender();
        foreach (string id in Clients.Ids(Count))
        {
            presence.Join(id);
        }

        for (int member = 0; member < BlockCount * RoomSize; member++)
        {
            presence.Tracker.Join($"member {member}", new JoinOptions { Groups = [$"room {member % BlockCount}"] });
        }

        string[] joining = Clients.Ids(BlockCount * PerBlock, "joining");
        JoinOptions[] options = [.. joining.Select((id, i) => new JoinOptions { Groups = [$"user of {id}", $"room {i % BlockCount}"] })];
        JoinOptions none = new();
        (double ours, double reference) = Interleaved.Blocks(
            2, BlockCount, PerBlock, () => { }, block => JoinAndLeave(block, client => options[client]), block => JoinAndLeave(block, _ => none));
        return new Row("churn-two-groups/none", ours, reference, "ns", 2.5);

        void JoinAndLeave(int block, Func<int, JoinOptions> optionsOf)
        {
            for (int client = block * PerBlock; client < (block + 1) * PerBlock; client++)
            {
                presence.Tracker.Join(joining[client], optionsOf(client));
            }

            for (int client = block * PerBlock; client < (block + 1) * PerBlock; client++)
            {
                presence.Tracker.Leave(joining[client]);
            }
        }
    }
}
