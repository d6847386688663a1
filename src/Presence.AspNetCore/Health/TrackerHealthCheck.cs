using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Presence.AspNetCore.Health;

/// <summary>Says how a tracker is.</summary>
internal sealed class TrackerHealthCheck(TrackerWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(watch.Check());
}
