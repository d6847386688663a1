using System.Diagnostics;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>Whether two threads are twice one: the same clients once by one thread, and once by two, each with half of them.</summary>
/// <remarks>
/// A thread that serves its own connections has clients whose words are its own, all but a few: first row. Where any thread receives anybody's heartbeats, both write to
/// lines of the cache in which the other has clients too: second row, whose bound is our own, to notice if that gets worse.
/// </remarks>
internal static class ThreadRows
{
    private const int Count = 1_000_000;
    private const int PerBlock = 25_000;
    private const int Rounds = 300;

    public static IEnumerable<Row> Measure()
    {
        using var presence = new PresenceContender();
        SessionId[] joined = [.. Clients.Ids(Count).Select(id => presence.Tracker.Join(id).Session)];
        SessionId[] mixed = [.. Clients.Shuffled(Count).Select(i => joined[i])];
        int[] order = Clients.Shuffled(Count / 2);
        SessionId[][] own = [.. order.Chunk(PerBlock).SelectMany(block => (SessionId[][])[[.. block.Select(i => joined[i])], [.. block.Select(i => joined[(Count / 2) + i])]])];
        yield return Compare("threads-two/one", presence, own, 1.8);
        yield return Compare("threads-two/one-mixed", presence, [.. mixed.Chunk(PerBlock)], 1.5);
    }

    private static Row Compare(string name, PresenceContender presence, SessionId[][] blocks, double target)
    {
        (Samples one, Samples two) = (new(), new());
        using var start = new Barrier(2);
        double theirs = 0;
        var helper = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                start.SignalAndWait();
                theirs = Nanoseconds(presence.Tracker, Block((2 * round) + 1));
                start.SignalAndWait();
            }
        });
        helper.Start();
        for (int round = 0; round < Rounds; round++)
        {
            bool isOneFirst = round % 2 == 0; // whoever comes second finds the words in a cache
            double alone = isOneFirst ? Alone(round) : 0;
            double together = Together(round);
            alone = isOneFirst ? alone : Alone(round);
            if (round >= Rounds / 4)
            {
                one.Add(2e3 * PerBlock / alone);
                two.Add(2e3 * PerBlock / together);
            }
        }

        helper.Join();
        return new Row(name, two.Median, one.Median, "/us", target, AtLeast: true);

        SessionId[] Block(int block) => blocks[block % blocks.Length];

        double Alone(int round)
        {
            presence.Tick();
            return Nanoseconds(presence.Tracker, Block(2 * round)) + Nanoseconds(presence.Tracker, Block((2 * round) + 1));
        }

        double Together(int round)
        {
            presence.Tick();
            start.SignalAndWait();
            double ours = Nanoseconds(presence.Tracker, Block(2 * round));
            start.SignalAndWait();
            return 2 / ((1 / ours) + (1 / theirs)); // as long as both would take at the sum of their rates
        }
    }

    private static double Nanoseconds(PresenceTracker tracker, SessionId[] sessions)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (SessionId session in sessions)
        {
            tracker.Heartbeat(session);
        }

        return Interleaved.Nanoseconds(started, Stopwatch.GetTimestamp());
    }
}
