using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Presence.Benchmarks.Contenders;

/// <summary>A BitFaster.Caching LRU with expire-after-access, too large to evict; reading an entry is the heartbeat.</summary>
internal sealed class BitFasterContender(int clients) : IContender
{
    private readonly ICache<string, string> _cache = new ConcurrentLruBuilder<string, string>()
        .WithCapacity(Math.Max(3 * clients, 16)) // it is split into three queues
        .WithExpireAfterAccess(TimeSpan.FromHours(1))
        .Build();

    public string Name => "BitFaster.Caching";

    public void Join(string clientId) => _cache.AddOrUpdate(clientId, clientId);

    public bool Heartbeat(string clientId) => _cache.TryGet(clientId, out _);

    public void Tick() => _cache.Policy.ExpireAfterAccess.Value!.TrimExpired();

    public void Dispose()
    {
        // Holds nothing but memory.
    }
}
