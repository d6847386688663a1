using System.Collections.Concurrent;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Limits;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>Heartbeats of a million clients in random order.</summary>
internal static class HeartbeatRows
{
    private const int Count = 1_000_000;
    private const int PerBlock = 5_000;
    private const int BlockCount = Count / PerBlock;

    public static IEnumerable<Row> Measure()
    {
        string[] ids = Clients.Ids(Count);
        int[] order = Clients.Shuffled(Count);
        string[] decoded = Clients.Decoded(ids, order);
        using var presence = new PresenceContender();
        PresenceTracker tracker = presence.Tracker;
        SessionId[] joined = [.. ids.Select(id => tracker.Join(id).Session)];
        SessionId[] sessions = [.. order.Select(i => joined[i])];
        var bare = new BareWords((int)sessions.Max(session => session.Value >> 24) + 1); // the slots' numbers have gaps
        yield return AgainstBareSwap(presence, bare, sessions);
        yield return SecondAgainstFirst(presence, sessions);
        yield return BytesPerHeartbeat(presence, sessions, decoded);

        var index = new ConcurrentDictionary<string, ulong>(ids.Select((id, i) => KeyValuePair.Create(id, (ulong)i)), StringComparer.Ordinal);
        (double ours, double reference) = Interleaved.Blocks(
            2, BlockCount, PerBlock, presence.Tick, block => Beat(presence, Block(decoded, block)), block => bare.Swap(index, Block(decoded, block)));
        yield return new Row("heartbeat-id/bare-lookup-swap", ours, reference, "ns", 1.2);

        yield return Against(new MemoryCacheContender(), 0.5);
        yield return Against(new TimerPerClient(), 0.8);

        Row Against(IContender other, double target)
        {
            using (other)
            {
                foreach (string id in ids)
                {
                    other.Join(id);
                }

                (double ours, double reference) = Interleaved.Blocks(
                    1, BlockCount, PerBlock, presence.Tick, block => Beat(presence, Block(decoded, block)), block => Beat(other, Block(decoded, block)));
                return new Row($"heartbeat-id/{other.Name.Replace(' ', '-')}", ours, reference, "ns", target);
            }
        }
    }

    /// <summary>Both visit the same order, and each twice, of which the first is to bring its own words back into the cache.</summary>
    private static Row AgainstBareSwap(PresenceContender presence, BareWords bare, SessionId[] sessions)
    {
        (Samples ours, Samples reference) = (new(), new());
        for (int round = 0; round < 10; round++)
        {
            presence.Tick();
            Visit(b => Beat(presence.Tracker, Block(sessions, b)), null);
            presence.Tick();
            Visit(b => Beat(presence.Tracker, Block(sessions, b)), round < 3 ? null : ours);
            Visit(b => bare.Swap(Block(sessions, b)), null);
            Visit(b => bare.Swap(Block(sessions, b)), round < 3 ? null : reference);
            Thread.Sleep(round < 3 ? 150 : 0); // the runtime compiles its last tier after a calm of 100 ms
        }

        return new Row("heartbeat-session/bare-swap", ours.Median, reference.Median, "ns", 1.6);

        static void Visit(Action<int> run, Samples? samples)
        {
            for (int block = 0; block < BlockCount; block++)
            {
                double nanoseconds = Interleaved.Nanoseconds(run, block) / PerBlock;
                samples?.Add(nanoseconds);
            }
        }
    }

    private static Row SecondAgainstFirst(PresenceContender presence, SessionId[] sessions)
    {
        (Samples first, Samples second) = (new(), new());
        for (int round = 0; round < 6; round++)
        {
            presence.Tick();
            foreach (Samples samples in (Samples[])[first, second])
            {
                for (int block = 0; block < BlockCount; block++)
                {
                    samples.Add(Interleaved.Nanoseconds(b => Beat(presence.Tracker, Block(sessions, b)), block) / PerBlock);
                }
            }
        }

        return new Row("heartbeat-second/first", second.Median, first.Median, "ns", 0.7);
    }

    private static Row BytesPerHeartbeat(PresenceContender presence, SessionId[] sessions, string[] decoded)
    {
        Beat(presence, decoded);
        presence.Tick();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Beat(presence.Tracker, sessions);
        Beat(presence, decoded);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Row("heartbeat-bytes", bytes / (2.0 * Count), 1, "B", 0);
    }

    private static ReadOnlySpan<T> Block<T>(T[] all, int block) => all.AsSpan(block * PerBlock, PerBlock);

    private static void Beat(PresenceTracker tracker, ReadOnlySpan<SessionId> sessions)
    {
        foreach (SessionId session in sessions)
        {
            Require(tracker.Heartbeat(session));
        }
    }

    private static void Beat<T>(T contender, ReadOnlySpan<string> clients)
        where T : IContender
    {
        foreach (string client in clients)
        {
            Require(contender.Heartbeat(client));
        }
    }

    private static void Require(bool isOnline)
    {
        if (!isOnline)
        {
            throw new InvalidOperationException("A client that should be online is not.");
        }
    }
}
