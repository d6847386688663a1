using Microsoft.Extensions.Hosting;

namespace Presence.Udp;

/// <summary>Starts and stops the listener with the host.</summary>
internal sealed class UdpHeartbeatService(UdpHeartbeatListener listener) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => listener.DisposeAsync().AsTask().WaitAsync(cancellationToken);
}
