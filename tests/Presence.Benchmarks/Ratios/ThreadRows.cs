using System.Diagnostics;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>Whether two threads on different clients are twice one.</summary>
internal static class ThreadRows
{
    private const int Count = 1_000_000;
    private const int PerBlock = 25_000;
    private const int Rounds = 300;

    public static IEnumerable<Row> Measure()
    {
        using var presence = new PresenceContender();
        SessionId[] joined = [.. Clients.Ids(Count).Select(id => presence.Tracker.Join(id).Session)];
        SessionId[] sessions = [.. Clients.Shuffled(Count).Select(i => joined[i])];
        (Samples one, Samples two) = (new(), new());
        using var start = new Barrier(2);
        double theirs = 0;
        var helper = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                start.SignalAndWait();
                theirs = BeatsPerMicrosecond(presence.Tracker, Block(sessions, (2 * round) + 1));
                start.SignalAndWait();
            }
        });
        helper.Start();
        for (int round = 0; round < Rounds; round++)
        {
            BeatsPerMicrosecond(presence.Tracker, Block(sessions, 2 * round)); // or the first to be measured would find colder words than the second
            BeatsPerMicrosecond(presence.Tracker, Block(sessions, (2 * round) + 1));
            presence.Tick();
            double alone = BeatsPerMicrosecond(presence.Tracker, Block(sessions, 2 * round));
            presence.Tick();
            start.SignalAndWait();
            double ours = BeatsPerMicrosecond(presence.Tracker, Block(sessions, 2 * round));
            start.SignalAndWait();
            if (round >= Rounds / 4)
            {
                one.Add(alone);
                two.Add(ours + theirs);
            }
        }

        helper.Join();
        yield return new Row("threads-two/one", two.Median, one.Median, "/us", 1.8, AtLeast: true);
    }

    private static ReadOnlySpan<SessionId> Block(SessionId[] sessions, int block) =>
        sessions.AsSpan(block % (Count / PerBlock) * PerBlock, PerBlock);

    private static double BeatsPerMicrosecond(PresenceTracker tracker, ReadOnlySpan<SessionId> sessions)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (SessionId session in sessions)
        {
            tracker.Heartbeat(session);
        }

        return 1e3 * sessions.Length / Interleaved.Nanoseconds(started, Stopwatch.GetTimestamp());
    }
}
