using System.Collections.Concurrent;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>What a client occupies, without its id string and the host's state; and how long a full collection takes for the clients.</summary>
internal static class MemoryRows
{
    private const int Count = 1_000_000;

    public static IEnumerable<Row> Measure()
    {
        string[] ids = Clients.Ids(Count);
        double without = PauseOfCollection();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        double pause;
        using (var presence = new PresenceContender())
        {
            foreach (string id in ids)
            {
                presence.Join(id);
            }

            pause = PauseOfCollection();
            double bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
            GC.KeepAlive(presence);
            yield return new Row("memory-per-client", bytes, 1, "B", 96);
        }

        var dictionary = new ConcurrentDictionary<string, ulong>(ids.Select((id, i) => KeyValuePair.Create(id, (ulong)i)), StringComparer.Ordinal);
        double pauseOfDictionary = PauseOfCollection();
        GC.KeepAlive(dictionary);
        GC.KeepAlive(ids);
        yield return new Row("memory-collection/dictionary", pause - without, pauseOfDictionary - without, "ms", 1);
    }

    /// <returns>The shortest of some, in milliseconds.</returns>
    private static double PauseOfCollection()
    {
        RatioCommand.Collect();
        return Enumerable.Range(0, 5).Min(_ =>
        {
            TimeSpan before = GC.GetTotalPauseDuration();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
            return (GC.GetTotalPauseDuration() - before).TotalMilliseconds;
        });
    }
}
