using Microsoft.Extensions.Caching.Memory;

namespace Presence.Benchmarks.Contenders;

/// <summary>An entry per client with sliding expiration and an eviction callback; reading it is the heartbeat.</summary>
internal sealed class MemoryCacheContender : IContender
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { ExpirationScanFrequency = TimeSpan.FromDays(1) }); // ticks are ours to make

    public string Name => "MemoryCache";

    public void Join(string clientId) => _cache.Set(clientId, clientId, new MemoryCacheEntryOptions
    {
        SlidingExpiration = TimeSpan.FromHours(1),
        PostEvictionCallbacks = { new PostEvictionCallbackRegistration { EvictionCallback = static (_, _, _, _) => { } } },
    });

    public bool Heartbeat(string clientId) => _cache.TryGetValue(clientId, out _);

    public void Tick() => _cache.Compact(0); // the only call that looks at every entry now

    public void Dispose() => _cache.Dispose();
}
