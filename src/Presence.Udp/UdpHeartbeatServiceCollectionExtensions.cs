using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Presence;
using Presence.Udp;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds heartbeats over UDP to a host's services.</summary>
public static class UdpHeartbeatServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="UdpHeartbeatListener"/>, which starts and stops with the host, and the <see cref="HeartbeatKeys"/> that the host issues
    /// at login; and presence itself with its defaults, unless it was added.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns><paramref name="services"/>, for the next call. Adding twice adds one listener, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddUdpHeartbeats(this IServiceCollection services, Action<UdpHeartbeatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddPresence();
        OptionsBuilder<UdpHeartbeatOptions> options = services.AddOptions<UdpHeartbeatOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UdpHeartbeatOptions>, UdpHeartbeatOptionsValidator>());
        services.TryAddSingleton(static provider => new HeartbeatKeys(provider.GetRequiredService<IPresenceTracker>()));
        services.TryAddSingleton(CreateListener);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, UdpHeartbeatService>());
        return services;
    }

    private static UdpHeartbeatListener CreateListener(IServiceProvider provider) => new(
        provider.GetRequiredService<IHeartbeatSink>(),
        provider.GetRequiredService<HeartbeatKeys>(),
        provider.GetRequiredService<IOptions<UdpHeartbeatOptions>>().Value,
        provider.GetService<TimeProvider>(),
        provider.GetService<ILogger<UdpHeartbeatListener>>(),
        provider.GetService<IMeterFactory>());
}
