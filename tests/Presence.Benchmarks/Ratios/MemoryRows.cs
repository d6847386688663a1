using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>What a client occupies, without its id string and the host's state.</summary>
internal static class MemoryRows
{
    private const int Count = 1_000_000;

    public static IEnumerable<Row> Measure()
    {
        string[] ids = Clients.Ids(Count);
        RatioCommand.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var presence = new PresenceContender();
        foreach (string id in ids)
        {
            presence.Join(id);
        }

        RatioCommand.Collect();
        double bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        GC.KeepAlive(ids);
        GC.KeepAlive(presence);
        yield return new Row("memory-per-client", bytes, 1, "B", 96);
    }
}
