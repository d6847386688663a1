using Microsoft.Extensions.Hosting;

namespace Presence.Redis;

/// <summary>Has the server take part in the cluster while the host runs.</summary>
internal sealed class RedisPresenceService(RedisPresenceCluster cluster) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => cluster.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => cluster.DisposeAsync().AsTask().WaitAsync(cancellationToken);
}
