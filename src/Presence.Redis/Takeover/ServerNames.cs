using System.Collections.Concurrent;
using Presence.Redis.Store;

namespace Presence.Redis.Takeover;

/// <summary>The names of servers by their epochs, of those that are gone as well.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class ServerNames(MemberStore store)
{
    /// <summary>More epochs than a cluster has in months; then the names are learnt again.</summary>
    private const int MaxNames = 10_000;

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public void Learn(IReadOnlyList<ServerRecord> servers)
    {
        if (_names.Count > MaxNames)
        {
            _names.Clear();
        }

        foreach (ServerRecord server in servers)
        {
            _names.TryAdd(server.Epoch, server.Name);
        }
    }

    /// <summary>The name of an epoch's server; the epoch itself if the store does not know it any more.</summary>
    public async ValueTask<string> OfAsync(string epoch)
    {
        if (!_names.TryGetValue(epoch, out string? name))
        {
            Learn(await store.ReadAsync().ConfigureAwait(false));
            name = _names.GetOrAdd(epoch, epoch);
        }

        return name;
    }

    /// <summary>What a host is told of a client.</summary>
    public async ValueTask<ClusterClient> DescribeAsync(string clientId, StoredSession session) => new()
    {
        ClientId = clientId,
        Server = await OfAsync(session.Holder).ConfigureAwait(false),
        FencingToken = session.Token,
        IsInGrace = session.LostEpoch.Length > 0,
        State = StoredTail.ReadState(session.Tail),
    };
}
