using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Limits;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Plots;

/// <summary>Measures every contender from 1 k to 10 M clients and writes both plots and their figures.</summary>
internal static class PlotCommand
{
    private const int PerBlock = 1_000;
    private const int MaxVisited = 200_000; // of more clients, that many are visited, spread over all of them
    private static readonly int[] Counts = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    private static readonly TimeSpan TierUp = TimeSpan.FromMilliseconds(150);

    public static int Run(string folder)
    {
        List<Series> ticks = [];
        List<Series> heartbeats = [];
        var limits = new BareLimits();
        Measure(limits, ticks, heartbeats);
        Measure(new Sessions(), [], heartbeats);
        Measure(new Contended(_ => new PresenceContender()), ticks, heartbeats);
        Measure(new Contended(_ => new ClassicRule()), ticks, heartbeats);
        Measure(new Contended(_ => new MemoryCacheContender()), ticks, heartbeats);
        Measure(new Contended(_ => new TimerPerClient()), ticks, heartbeats);
        Measure(new Contended(clients => new BitFasterContender(clients)), ticks, heartbeats);
        Measure(new Contended(_ => new AkkaDeadline()), ticks, heartbeats, upTo: 1_000_000); // ten million take minutes to fill
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "performance-tick.svg"), LogLogPlot.Draw("One tick, nothing due", ticks));
        File.WriteAllText(Path.Combine(folder, "performance-heartbeat.svg"), LogLogPlot.Draw("One heartbeat, clients in random order", heartbeats));
        return 0;
    }

    private static void Measure(ISubject subject, List<Series> ticks, List<Series> heartbeats, int upTo = int.MaxValue)
    {
        (List<Point> tickPoints, List<Point> heartbeatPoints) = ([], []);
        subject.Fill(Counts[0]);
        Typical(500, 1, subject.Tick, subject.Heartbeat); // so that the first point is compiled like the others
        subject.Clear();
        foreach (int count in Counts.Where(count => count <= upTo))
        {
            subject.Fill(count);
            int visited = Math.Min(count, MaxVisited);
            heartbeatPoints.Add(new Point(count, Typical(200, visited / PerBlock, subject.Tick, subject.Heartbeat) / PerBlock));
            if (subject.HasTick)
            {
                tickPoints.Add(new Point(count, Typical(count <= 100_000 ? 200 : 15, 1, () => { }, _ => subject.Tick())));
            }

            Console.WriteLine($"{subject.Name,-28} {count,10} clients: heartbeat {heartbeatPoints[^1].Nanoseconds,10:0.0} ns{(subject.HasTick ? $", tick {tickPoints[^1].Nanoseconds / 1e3,12:0.0} us" : "")}");
            subject.Clear();
            Ratios.RatioCommand.Collect();
        }

        heartbeats.Add(new Series(subject.HeartbeatName, heartbeatPoints));
        if (tickPoints.Count > 0)
        {
            ticks.Add(new Series(subject.Name, tickPoints));
        }
    }

    /// <summary>The lower quartile: minutes are too long to hope that nobody else uses the machine, and who is interrupted is late by much.</summary>
    private static double Typical(int samples, int blocks, Action beforeRound, Action<int> measured)
    {
        var kept = new Samples();
        for (int i = -samples; i < samples; i++)
        {
            if (i % blocks == 0)
            {
                beforeRound();
            }

            if (i < 0 && i % (samples / 4) == 0)
            {
                Thread.Sleep(TierUp);
            }

            double nanoseconds = Interleaved.Nanoseconds(measured, (i + samples) % blocks);
            if (i >= 0)
            {
                kept.Add(nanoseconds);
            }
        }

        return kept.Quantile(0.25);
    }

    /// <summary>What is measured: filled with so many clients, then beaten in blocks.</summary>
    private interface ISubject
    {
        string Name { get; }

        string HeartbeatName { get; }

        bool HasTick => true;

        void Fill(int clients);

        void Heartbeat(int block);

        void Tick();

        void Clear();
    }

    private sealed class Contended(Func<int, IContender> make) : ISubject
    {
        private IContender _contender = make(0);
        private string[] _decoded = [];

        public string Name => _contender.Name;

        public string HeartbeatName => _contender is PresenceContender ? "Presence, by client id" : _contender.Name;

        public bool HasTick => _contender.HasTick;

        public void Fill(int clients)
        {
            string[] ids = Clients.Ids(clients);
            _contender = make(clients);
            foreach (string id in ids)
            {
                _contender.Join(id);
            }

            _decoded = Clients.Decoded(ids, Clients.Shuffled(clients)[..Math.Min(clients, MaxVisited)]);
        }

        public void Heartbeat(int block)
        {
            foreach (string client in _decoded.AsSpan(block * PerBlock, PerBlock))
            {
                _contender.Heartbeat(client);
            }
        }

        public void Tick() => _contender.Tick();

        public void Clear()
        {
            _contender.Dispose();
            _contender = make(0);
            _decoded = [];
        }
    }

    private sealed class Sessions : ISubject
    {
        private PresenceContender _presence = new();
        private SessionId[] _sessions = [];

        public string Name => "Presence";

        public string HeartbeatName => "Presence, by session id";

        public void Fill(int clients)
        {
            SessionId[] joined = [.. Clients.Ids(clients).Select(id => _presence.Tracker.Join(id).Session)];
            _sessions = [.. Clients.Shuffled(clients).Take(MaxVisited).Select(i => joined[i])];
        }

        public void Heartbeat(int block)
        {
            foreach (SessionId session in _sessions.AsSpan(block * PerBlock, PerBlock))
            {
                _presence.Tracker.Heartbeat(session);
            }
        }

        public void Tick() => _presence.Tick();

        public void Clear()
        {
            _presence.Dispose();
            (_presence, _sessions) = (new PresenceContender(), []);
        }
    }

    private sealed class BareLimits : ISubject
    {
        private BareWords _words = new(0);
        private PlainRead _read = new(0);
        private ulong[] _order = [];

        public string Name => "limit: plain read";

        public string HeartbeatName => "limit: bare compare-and-swap";

        public void Fill(int clients)
        {
            _words = new BareWords(clients);
            _read = new PlainRead(clients);
            _order = [.. Clients.Shuffled(clients).Take(MaxVisited).Select(i => (ulong)i)];
        }

        public void Heartbeat(int block) => _words.Swap(_order.AsSpan(block * PerBlock, PerBlock));

        public void Tick() => _read.Sum();

        public void Clear() => (_words, _read, _order) = (new BareWords(0), new PlainRead(0), []);
    }
}
