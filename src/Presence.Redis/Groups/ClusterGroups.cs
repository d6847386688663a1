using System.Runtime.CompilerServices;
using Presence.Redis.Store;
using Presence.Redis.Takeover;

namespace Presence.Redis.Groups;

/// <summary>The groups of all servers, as hosts see them.</summary>
/// <remarks>Thread safety: any thread.</remarks>
/// <param name="whenStarted">Gives what it asks, once the cluster is started.</param>
/// <param name="callbacks">Those of changes.</param>
internal sealed class ClusterGroups(Func<CancellationToken, Task<(GroupStore Store, ServerNames Names)>> whenStarted, EdgeCallbacks callbacks) : IClusterGroups
{
    public async Task<long> CountAsync(string group, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        (GroupStore store, _) = await whenStarted(cancellationToken).ConfigureAwait(false);
        return await store.CountAsync(group).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<string>> OccupiedAsync(IEnumerable<string> groups, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        string[] asked = [.. groups];
        Array.ForEach(asked, group => ArgumentException.ThrowIfNullOrEmpty(group, nameof(groups)));
        (GroupStore store, _) = await whenStarted(cancellationToken).ConfigureAwait(false);
        bool[] areOccupied = await store.AreOccupiedAsync(asked).WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. asked.Where((_, i) => areOccupied[i])];
    }

    public IAsyncEnumerable<ClusterClient> ReadMembersAsync(string group, int pageSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, 10_000);
        return ReadPagesAsync(group, pageSize, cancellationToken);
    }

    public IDisposable OnChange(Func<ClusterGroupChange, ValueTask> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return callbacks.Register(callback);
    }

    private async IAsyncEnumerable<ClusterClient> ReadPagesAsync(string group, int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (GroupStore store, ServerNames names) = await whenStarted(cancellationToken).ConfigureAwait(false);
        for (int shard = 0; shard < store.Shards; shard++)
        {
            byte[]? after = null;
            do
            {
                (List<(string ClientId, StoredSession Session)> members, after) = await store.ReadPageAsync(shard, group, after, pageSize).WaitAsync(cancellationToken).ConfigureAwait(false);
                foreach ((string clientId, StoredSession session) in members)
                {
                    yield return await names.DescribeAsync(clientId, session).ConfigureAwait(false);
                }
            }
            while (after is not null);
        }
    }
}
