using Microsoft.Extensions.Hosting;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.Hosting;

/// <summary>Judges nobody any more once the host stops: connections that it closes itself are no clients that died.</summary>
/// <remarks>
/// Callbacks for a host that stops run in the reverse of their order. This one is registered after those of all servers, so that it runs before them; SignalR's blocks for up to five seconds while it closes connections.
/// </remarks>
internal sealed class StoppingPause(Prober prober, IHostApplicationLifetime lifetime) : IHostedLifecycleService, IDisposable
{
    private CancellationTokenRegistration _registration;
    private IDisposable? _pause;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _registration = lifetime.ApplicationStopping.Register(OnStopping);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registration.Dispose();
        _pause?.Dispose();
    }

    private void OnStopping()
    {
        _pause = prober.Tracker.PauseExpiry();
        prober.Stop();
    }
}
