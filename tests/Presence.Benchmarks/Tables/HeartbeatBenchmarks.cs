using BenchmarkDotNet.Attributes;
using Presence.Benchmarks.Contenders;

namespace Presence.Benchmarks.Tables;

/// <summary>The first heartbeat of each client in a tick, in random order. Unsealed, because BenchmarkDotNet inherits it.</summary>
[MemoryDiagnoser]
public class HeartbeatBenchmarks
{
    private const int PerInvocation = 100_000;

    private readonly PresenceContender _presence = new();
    private readonly ClassicRule _classic = new();
    private readonly MemoryCacheContender _memoryCache = new();
    private readonly TimerPerClient _timers = new();
    private BitFasterContender _bitFaster = new(0);
    private string[] _decoded = [];
    private SessionId[] _sessions = [];

    [Params(100_000, 1_000_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _bitFaster = new BitFasterContender(Count);
        string[] ids = Clients.Ids(Count);
        foreach (string id in ids)
        {
            foreach (IContender contender in (IContender[])[_classic, _memoryCache, _timers, _bitFaster])
            {
                contender.Join(id);
            }
        }

        SessionId[] joined = [.. ids.Select(id => _presence.Tracker.Join(id).Session)];
        int[] order = Clients.Shuffled(Count)[..PerInvocation];
        _sessions = [.. order.Select(i => joined[i])];
        _decoded = Clients.Decoded(ids, order);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = PerInvocation)]
    public void PresenceBySession()
    {
        _presence.Tick();
        foreach (SessionId session in _sessions)
        {
            _presence.Tracker.Heartbeat(session);
        }
    }

    [Benchmark(OperationsPerInvoke = PerInvocation)]
    public void PresenceByClient()
    {
        _presence.Tick();
        Beat(_presence);
    }

    [Benchmark(OperationsPerInvoke = PerInvocation)]
    public void Classic() => Beat(_classic);

    [Benchmark(OperationsPerInvoke = PerInvocation)]
    public void MemoryCache() => Beat(_memoryCache);

    [Benchmark(OperationsPerInvoke = PerInvocation)]
    public void Timer() => Beat(_timers);

    [Benchmark(OperationsPerInvoke = PerInvocation)]
    public void BitFaster() => Beat(_bitFaster);

    private void Beat<T>(T contender)
        where T : IContender
    {
        foreach (string client in _decoded)
        {
            contender.Heartbeat(client);
        }
    }
}
