using System.Diagnostics;

namespace Presence.Benchmarks.Measuring;

/// <summary>Measures two things by turns, so that what disturbs the machine disturbs both.</summary>
/// <remarks>
/// A turn is a whole round, not a block: with both by turns in each block, two million words compete for the cache, and the figure would be that of
/// the neighbours' use of it. The median is over blocks, so one that was interrupted does not count.
/// </remarks>
internal static class Interleaved
{
    private static readonly TimeSpan TierUp = TimeSpan.FromMilliseconds(250); // the runtime compiles its last tier after a calm of 100 ms, in the background

    /// <summary>Measures until <paramref name="rounds"/> rounds are done, after one to warm up.</summary>
    /// <param name="rounds">Each visits every block.</param>
    /// <param name="blocks">Blocks per round.</param>
    /// <param name="operations">Operations per block; results are nanoseconds per operation.</param>
    /// <param name="beforeRound">Runs untimed.</param>
    /// <param name="ours">Runs a block, by its number.</param>
    /// <param name="reference">Runs a block, by its number.</param>
    /// <returns>The medians over all blocks.</returns>
    public static (double Ours, double Reference) Blocks(
        int rounds, int blocks, int operations, Action beforeRound, Action<int> ours, Action<int> reference)
    {
        (Samples our, Samples their) = (new(), new());
        for (int round = -1; round < rounds; round++)
        {
            beforeRound();
            Round(ours, our);
            Round(reference, their);

            void Round(Action<int> run, Samples samples)
            {
                for (int block = 0; block < blocks; block++)
                {
                    double nanoseconds = Nanoseconds(run, block) / operations;
                    if (round >= 0)
                    {
                        samples.Add(nanoseconds);
                    }
                    else if (block is 40 or 80 or 120)
                    {
                        Thread.Sleep(TierUp);
                    }
                }
            }
        }

        return (our.Median, their.Median);
    }

    public static double Nanoseconds(Action<int> run, int block)
    {
        long started = Stopwatch.GetTimestamp();
        run(block);
        return Nanoseconds(started, Stopwatch.GetTimestamp());
    }

    /// <summary>Not by <see cref="TimeSpan"/>, whose unit of 100 ns is more than a heartbeat takes.</summary>
    public static double Nanoseconds(long started, long ended) => (ended - started) * (1e9 / Stopwatch.Frequency);
}
