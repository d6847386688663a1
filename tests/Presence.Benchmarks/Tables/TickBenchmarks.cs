using BenchmarkDotNet.Attributes;
using Presence.Benchmarks.Contenders;

namespace Presence.Benchmarks.Tables;

/// <summary>A tick at which nothing is due. Unsealed, because BenchmarkDotNet inherits it.</summary>
[MemoryDiagnoser]
public class TickBenchmarks
{
    private readonly PresenceContender _presence = new();
    private readonly ClassicRule _classic = new();
    private readonly MemoryCacheContender _memoryCache = new();
    private BitFasterContender _bitFaster = new(0);
    private SessionId[] _sessions = [];
    private int _ticks;

    [Params(1_000, 100_000, 1_000_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _bitFaster = new BitFasterContender(Count);
        foreach (string id in Clients.Ids(Count))
        {
            foreach (IContender contender in (IContender[])[_classic, _memoryCache, _bitFaster])
            {
                contender.Join(id);
            }
        }

        _sessions = [.. Clients.Ids(Count).Select(id => _presence.Tracker.Join(id).Session)];
    }

    /// <summary>With a heartbeat of each client every 100,000 ticks, or else they would be suspects after half a million.</summary>
    [Benchmark(Baseline = true)]
    public void PresenceTick()
    {
        _presence.Tick();
        if (++_ticks % 100_000 == 0)
        {
            Array.ForEach(_sessions, session => _presence.Tracker.Heartbeat(session));
        }
    }

    [Benchmark]
    public void ClassicTick() => _classic.Tick();

    [Benchmark]
    public void MemoryCacheTick() => _memoryCache.Tick();

    [Benchmark]
    public void BitFasterTick() => _bitFaster.Tick();
}
