using System.Diagnostics;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>A million clients due in one tick, while the ticks go on and others beat.</summary>
internal static class StormRows
{
    private const int Count = 1_000_000;
    private const int OtherCount = 1_000;
    private const int Rounds = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static IEnumerable<Row> Measure()
    {
        string[] ids = Clients.Ids(Count);
        string[] others = Clients.Ids(OtherCount, "other");
        (Samples perClient, Samples tick, Samples beat) = (new(), new(), new());
        for (int round = 0; round < Rounds; round++)
        {
            Storm storm = Run(ids, others);
            perClient.Add(storm.Duration.TotalMicroseconds / Count);
            tick.Add(storm.LongestTickGap.TotalMilliseconds);
            beat.Add(storm.LongestHeartbeatWait.TotalMilliseconds);
        }

        yield return new Row("storm-per-client", perClient.Median, 1, "us", 1.5);
        yield return new Row("storm-longest-tick-gap/interval", tick.Median, Interval.TotalMilliseconds, "ms", 2);
        yield return new Row("storm-heartbeat-wait/interval", beat.Median, Interval.TotalMilliseconds, "ms", 1);
    }

    private static Storm Run(string[] ids, string[] others)
    {
        using var presence = new PresenceContender(expireAfter: 1);
        PresenceTracker tracker = presence.Tracker;
        int toCome = ids.Length;
        long started = 0;
        long ended = 0;
        using var last = new ManualResetEventSlim();
        using IDisposable registration = tracker.OnClientExpired(_ =>
        {
            if (Interlocked.Decrement(ref toCome) == 0)
            {
                ended = Stopwatch.GetTimestamp();
                last.Set();
            }

            return ValueTask.CompletedTask;
        });
        foreach (string id in ids)
        {
            tracker.Join(id);
        }

        SessionId[] sessions = [.. others.Select(id => tracker.Join(id, new JoinOptions { ExpireAfter = PresenceOptions.MaxExpireAfter }).Session)];
        presence.Tick();

        GC.Collect(); // sessions that die have lived long

        // The tracker is ticked by a timer, as the default source does it, and each millisecond one thread posts a heartbeat to the thread
        // pool, where the receive loops of transports run.
        var gaps = new LongestGap();
        using var armed = new ManualResetEventSlim();
        using var timer = new TimeProviderTickSource(Interval).Subscribe(_ =>
        {
            gaps.Note();
            if (armed.IsSet)
            {
                started = started == 0 ? Stopwatch.GetTimestamp() : started; // the first is the one at which all are due
                presence.Tick();
            }
        });
        using var stop = new CancellationTokenSource();
        var waits = new LongestGap();
        var sender = new Thread(() => PostHeartbeats(tracker, sessions, waits, stop.Token));
        sender.Start();
        Thread.Sleep(2 * Interval);
        gaps.Restart();
        waits.Restart();

        armed.Set();
        last.Wait();
        var result = new Storm(Stopwatch.GetElapsedTime(started, ended), gaps.Longest, waits.Longest);
        stop.Cancel();
        sender.Join();
        return result;
    }

    private static void PostHeartbeats(PresenceTracker tracker, SessionId[] sessions, LongestGap waits, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            SessionId session = sessions[i % sessions.Length];
            ThreadPool.UnsafeQueueUserWorkItem(
                posted =>
                {
                    tracker.Heartbeat(session);
                    waits.Note(posted);
                },
                Stopwatch.GetTimestamp(),
                preferLocal: false);
            Thread.Sleep(1);
        }
    }

    private readonly record struct Storm(TimeSpan Duration, TimeSpan LongestTickGap, TimeSpan LongestHeartbeatWait);

    /// <summary>The longest time between two notes, or since a moment that a note names.</summary>
    private sealed class LongestGap
    {
        private readonly Lock _gate = new();
        private long _previous = Stopwatch.GetTimestamp();
        private TimeSpan _longest;

        /// <summary>Counts the gap that is still open, too.</summary>
        public TimeSpan Longest
        {
            get
            {
                Note();
                lock (_gate)
                {
                    return _longest;
                }
            }
        }

        public void Restart()
        {
            lock (_gate)
            {
                (_previous, _longest) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
            }
        }

        public void Note() => Note(Volatile.Read(ref _previous));

        public void Note(long since)
        {
            lock (_gate)
            {
                TimeSpan gap = Stopwatch.GetElapsedTime(since);
                _longest = gap > _longest ? gap : _longest;
                _previous = Stopwatch.GetTimestamp();
            }
        }
    }
}
