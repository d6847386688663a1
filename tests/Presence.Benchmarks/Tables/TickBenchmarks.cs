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

    [Params(1_000, 100_000, 1_000_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _bitFaster = new BitFasterContender(Count);
        foreach (string id in Clients.Ids(Count))
        {
            foreach (IContender contender in (IContender[])[_presence, _classic, _memoryCache, _bitFaster])
            {
                contender.Join(id);
            }
        }
    }

    [Benchmark(Baseline = true)]
    public void PresenceTick() => _presence.Tick();

    [Benchmark]
    public void ClassicTick() => _classic.Tick();

    [Benchmark]
    public void MemoryCacheTick() => _memoryCache.Tick();

    [Benchmark]
    public void BitFasterTick() => _bitFaster.Tick();
}
