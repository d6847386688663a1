using System.Diagnostics;
using System.Globalization;
using System.Net;
using Presence.Benchmarks.Measuring;
using Presence.Benchmarks.Processes;
using Presence.Udp;

namespace Presence.Benchmarks.Million;

/// <summary>As many sessions as asked for, which a second process has beat once a second: what arrives, who expires, and what it costs.</summary>
internal static class MillionCommand
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static Task<int> RunAsync(int sessions, int seconds) =>
        Interruption.GuardAsync(cancellationToken => RunAsync(sessions, seconds, cancellationToken));

    private static async Task<int> RunAsync(int sessions, int seconds, CancellationToken cancellationToken)
    {
        using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 10 });
        using var keys = new HeartbeatKeys(tracker);
        using var listener = new UdpHeartbeatListener(tracker, keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        using var counts = new OutcomeMeter();
        using IDisposable pause = tracker.PauseExpiry(); // until the clients are there
        string file = Path.GetTempFileName();
        try
        {
            await WriteLoginsAsync(tracker, keys, sessions, file);
            listener.Start();
            using Child clients = Child.OfThisProgram(["million-clients", $"{listener.LocalEndPoint!.Port}", file]);
            await clients.ReadUntilAsync("beating", cancellationToken);
            await Task.Delay(Settling, cancellationToken);
            pause.Dispose();
            await MeasureAsync(tracker, clients, counts, seconds, cancellationToken);
            return 0;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task WriteLoginsAsync(PresenceTracker tracker, HeartbeatKeys keys, int sessions, string file)
    {
        await using var writer = new BinaryWriter(File.Create(file));
        foreach (string id in Clients.Ids(sessions))
        {
            SessionId session = tracker.Join(id).Session;
            writer.Write(session.Value);
            writer.Write(keys.Issue(id, session)!);
        }
    }

    private static async Task MeasureAsync(PresenceTracker tracker, Child clients, OutcomeMeter counts, int seconds, CancellationToken cancellationToken)
    {
        long expired = 0;
        using IDisposable registration = tracker.OnClientExpired(_ =>
        {
            Interlocked.Increment(ref expired);
            return default;
        });
        (long sentBefore, long acceptedBefore) = (await SentAsync(clients, cancellationToken), counts.Read("accepted"));
        (TimeSpan cpuBefore, long start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double accepted = counts.Read("accepted") - acceptedBefore;
        double sent = await SentAsync(clients, cancellationToken) - sentBefore;
        double cores = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds / elapsed;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tracker.OnlineCount + expired:N0} sessions, {elapsed:0} s: {sent / elapsed:N0} heartbeats/s sent, {accepted / elapsed:N0} accepted, lost {Math.Max(0, 1 - (accepted / sent)):P2}, "
            + $"{expired:N0} expired; the server's process {cores:0.00} cores, so {accepted / elapsed / cores:N0} heartbeats/s for each; dropped in all {counts.Read("dropped"):N0}"));
    }

    private static async Task<long> SentAsync(Child clients, CancellationToken cancellationToken) =>
        long.Parse(await clients.AskAsync("sent", cancellationToken), CultureInfo.InvariantCulture);
}
