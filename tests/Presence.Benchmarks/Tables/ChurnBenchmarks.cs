using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Presence.Benchmarks.Contenders;

namespace Presence.Benchmarks.Tables;

/// <summary>A join and a leave while others are online. Unsealed, because BenchmarkDotNet inherits it.</summary>
[MemoryDiagnoser]
public class ChurnBenchmarks
{
    private const int PerInvocation = 1_000;

    private readonly string[] _passersBy = Clients.Ids(PerInvocation, "passer-by");
    private readonly ConcurrentDictionary<string, ulong> _dictionary = new(StringComparer.Ordinal);
    private readonly PresenceContender _presence = new();

    [Params(1_000, 1_000_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        foreach (string id in Clients.Ids(Count))
        {
            _dictionary[id] = 0;
            _presence.Join(id);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = PerInvocation)]
    public void AddAndRemove()
    {
        foreach (string id in _passersBy)
        {
            _dictionary.TryAdd(id, 0);
        }

        foreach (string id in _passersBy)
        {
            _dictionary.TryRemove(id, out _);
        }
    }

    [Benchmark(OperationsPerInvoke = PerInvocation)]
    public void JoinAndLeave()
    {
        foreach (string id in _passersBy)
        {
            _presence.Join(id);
        }

        foreach (string id in _passersBy)
        {
            _presence.Tracker.Leave(id);
        }
    }
}
