using System.Collections.Concurrent;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>A join and a leave while a million others are online.</summary>
internal static class ChurnRows
{
    private const int Count = 1_000_000;
    private const int PerBlock = 1_000;
    private const int BlockCount = 300;

    public static IEnumerable<Row> Measure()
    {
        string[] ids = Clients.Ids(Count);
        string[] others = Clients.Ids(BlockCount * PerBlock, "other");
        string[] joining = Clients.Decoded(others, Clients.Shuffled(others.Length));
        using var presence = new PresenceContender();
        var dictionary = new ConcurrentDictionary<string, ulong>(StringComparer.Ordinal);
        foreach (string id in ids)
        {
            presence.Join(id);
            dictionary[id] = 0;
        }

        (double ours, double reference) = Interleaved.Blocks(
            2, BlockCount, PerBlock, () => { }, block => JoinAndLeave(presence.Tracker, Block(block)), block => AddAndRemove(dictionary, Block(block)));
        yield return new Row("churn-join-leave/add-remove", ours, reference, "ns", 2);

        ReadOnlySpan<string> Block(int block) => joining.AsSpan(block * PerBlock, PerBlock);
    }

    private static void JoinAndLeave(PresenceTracker tracker, ReadOnlySpan<string> clients)
    {
        foreach (string client in clients)
        {
            tracker.Join(client);
        }

        foreach (string client in clients)
        {
            tracker.Leave(client);
        }
    }

    private static void AddAndRemove(ConcurrentDictionary<string, ulong> dictionary, ReadOnlySpan<string> clients)
    {
        foreach (string client in clients)
        {
            dictionary.TryAdd(client, 1);
        }

        foreach (string client in clients)
        {
            dictionary.TryRemove(client, out _);
        }
    }
}
