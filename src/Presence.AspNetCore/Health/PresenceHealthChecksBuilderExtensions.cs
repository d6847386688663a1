using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence;
using Presence.AspNetCore.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds presence to a host's health checks.</summary>
public static class PresenceHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of a tracker: unhealthy when there was no tick for three intervals; degraded, with the reasons, while ticks are withheld or expiries held, and while a callback has not returned within
    /// <see cref="PresenceOptions.CallbackTimeout"/>.
    /// </summary>
    /// <param name="builder">What <c>AddHealthChecks</c> returned.</param>
    /// <param name="tracker">The key of the tracker; null for the one without a key.</param>
    /// <param name="name">The name of the check; null for "presence", or "presence:" with the tracker's key.</param>
    /// <param name="tags">Tags to filter checks by; null for none.</param>
    /// <returns><paramref name="builder"/>, for the next call.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddPresence(this IHealthChecksBuilder builder, string? tracker = null, string? name = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IServiceCollection services = builder.Services;
        if (!services.Any(service => service.ServiceType == typeof(TrackerWatch) && Equals(service.ServiceKey, tracker)))
        {
            services.AddMetrics();
            services.AddKeyedSingleton(tracker, CreateWatch);
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<TrackerWatch>(tracker));
        }

        return builder.Add(new HealthCheckRegistration(
            name ?? (tracker is null ? "presence" : $"presence:{tracker}"),
            provider => new TrackerHealthCheck(provider.GetRequiredKeyedService<TrackerWatch>(tracker)),
            failureStatus: null,
            tags));
    }

    private static TrackerWatch CreateWatch(IServiceProvider provider, object? key) => new(
        provider.GetRequiredKeyedService<IPresenceTracker>(key),
        provider.GetRequiredService<IOptionsMonitor<PresenceOptions>>().Get((string?)key),
        provider.GetRequiredService<IMeterFactory>().Create(new MeterOptions("Presence") { Tags = key is null ? null : [KeyValuePair.Create("presence.tracker", (object?)key)] }), // the factory has it already, and gives that
        provider.GetService<TimeProvider>() ?? TimeProvider.System);
}
