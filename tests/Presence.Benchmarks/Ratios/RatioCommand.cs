using System.Diagnostics;
using System.Runtime;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>Measures every row and prints it; exit code 1 if one misses its target.</summary>
internal static class RatioCommand
{
    private static readonly (string Name, Func<IEnumerable<Row>> Measure)[] Groups =
    [
        ("tick", TickRows.Measure),
        ("heartbeat", HeartbeatRows.Measure),
        ("threads", ThreadRows.Measure),
        ("latency", LatencyRows.Measure),
        ("memory", MemoryRows.Measure),
        ("churn", ChurnRows.Measure),
        ("groups", GroupRows.Measure),
        ("storm", StormRows.Measure),
        ("udp", UdpRows.Measure),
        ("udp-threads", UdpThreadRows.Measure),
    ];

    public static int Run(string[] names)
    {
        long started = Stopwatch.GetTimestamp();
        Console.WriteLine($"{"name",-38} {"ours",12} {"reference",12} {"ratio",9} {"target",9}");
        int missed = 0;
        foreach ((_, Func<IEnumerable<Row>> measure) in Groups.Where(group => names.Length == 0 || names.Contains(group.Name)))
        {
            foreach (Row row in measure())
            {
                Console.WriteLine(row);
                missed += row.IsMet ? 0 : 1;
            }

            Collect(); // what a group leaves behind is not the next one's
        }

        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        TimeSpan wall = Stopwatch.GetElapsedTime(started);
        Console.WriteLine($"{missed} missed; {wall.TotalSeconds:0} s, {cpu.TotalSeconds:0} s of them on {Environment.ProcessorCount} processors");
        return missed == 0 ? 0 : 1;
    }

    public static void Collect()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
    }
}
