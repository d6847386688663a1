using System.Collections;
using System.Collections.Concurrent;
using Presence.Redis.Store;

namespace Presence.Redis.Publishing;

/// <summary>The clients that are online here, and those that the store may still have of this server.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class PublishedClients(StoreKeys keys) : IEnumerable<PublishedClient>
{
    private readonly ConcurrentDictionary<string, PublishedClient> _clients = new(StringComparer.Ordinal);

    public PublishedClient? Find(string clientId) => _clients.GetValueOrDefault(clientId);

    /// <summary>Finds a client, or makes it. It may have been removed by the time that its lock is taken: then ask again.</summary>
    public PublishedClient FindOrAdd(string clientId) =>
        _clients.TryGetValue(clientId, out PublishedClient? client) ? client : _clients.GetOrAdd(clientId, new PublishedClient(clientId, keys.ShardOf(clientId)));

    /// <summary>Removes a client of which there is nothing to remember. Its lock is held.</summary>
    public void ForgetIfDone(PublishedClient client)
    {
        if (client.IsForgettable)
        {
            client.IsRemoved = true;
            _clients.TryRemove(KeyValuePair.Create(client.ClientId, client));
        }
    }

    public IEnumerator<PublishedClient> GetEnumerator() => _clients.Select(pair => pair.Value).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
