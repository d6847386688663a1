using System.Diagnostics;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>Single heartbeats while others sweep, join and leave.</summary>
internal static class LatencyRows
{
    private const int Count = 1_000_000;
    private const int Rounds = 12;
    private const int JoinsPerTick = 100; // 10,000 a second
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static IEnumerable<Row> Measure()
    {
        using var presence = new PresenceContender();
        SessionId[] joined = [.. Clients.Ids(Count).Select(id => presence.Tracker.Join(id).Session)];
        SessionId[] sessions = [.. Clients.Shuffled(Count).Select(i => joined[i])];
        (Samples calm, Samples busy) = (new(), new());
        double[] latencies = new double[Count];
        for (int round = 0; round < Rounds; round++)
        {
            presence.Tick(); // each client beats once a round, so every heartbeat writes, with or without ticks between
            double alone = P999(presence.Tracker, sessions, latencies);
            presence.Tick();
            using var stop = new CancellationTokenSource();
            var others = new Thread(() => SweepJoinAndLeave(presence, stop.Token));
            others.Start();
            double among = P999(presence.Tracker, sessions, latencies);
            stop.Cancel();
            others.Join();
            if (round >= Rounds / 4)
            {
                calm.Add(alone);
                busy.Add(among);
            }
        }

        yield return new Row("latency-p99.9-busy/calm", busy.Median, calm.Median, "ns", 2);
    }

    private static double P999(PresenceTracker tracker, SessionId[] sessions, double[] latencies)
    {
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < sessions.Length; i++)
        {
            tracker.Heartbeat(sessions[i]);
            long after = Stopwatch.GetTimestamp();
            latencies[i] = Interleaved.Nanoseconds(before, after);
            before = Stopwatch.GetTimestamp();
        }

        Array.Sort(latencies);
        return latencies[(int)(0.999 * latencies.Length)];
    }

    private static void SweepJoinAndLeave(PresenceContender presence, CancellationToken stop)
    {
        string[] ids = Clients.Ids(JoinsPerTick, "passer-by");
        long started = Stopwatch.GetTimestamp();
        for (int tick = 1; !stop.IsCancellationRequested; tick++)
        {
            foreach (string id in ids)
            {
                presence.Join(id);
            }

            presence.Tick();
            foreach (string id in ids)
            {
                presence.Tracker.Leave(id);
            }

            TimeSpan wait = (tick * Interval) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
            {
                stop.WaitHandle.WaitOne(wait);
            }
        }
    }
}
