using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Presence;
using Presence.Udp;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds heartbeats over UDP to a host's presence.</summary>
public static class UdpHeartbeatPresenceBuilderExtensions
{
    /// <summary>
    /// Adds one <see cref="UdpHeartbeatListener"/> for the builder's tracker, which starts and stops with the host, and the <see cref="HeartbeatKeys"/> that the host issues
    /// at login. With the name of the builder, these are keyed services and the options have that name.
    /// </summary>
    /// <param name="builder">What <c>AddPresence</c> returned.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns><paramref name="builder"/>, for the next call. Adding twice adds one listener, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IPresenceBuilder AddUdpHeartbeats(this IPresenceBuilder builder, Action<UdpHeartbeatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        (IServiceCollection services, string? name) = (builder.Services, builder.Name);
        OptionsBuilder<UdpHeartbeatOptions> options = services.AddOptions<UdpHeartbeatOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (services.Any(service => service.ServiceType == typeof(UdpHeartbeatListener) && Equals(service.ServiceKey, name)))
        {
            return builder;
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UdpHeartbeatOptions>, UdpHeartbeatOptionsValidator>());
        services.TryAddKeyedSingleton(name, static (provider, key) => new HeartbeatKeys(provider.GetRequiredKeyedService<IPresenceTracker>(key)));
        services.AddKeyedSingleton(name, CreateListener);
        services.AddSingleton<IHostedService>(provider => new UdpHeartbeatService(provider.GetRequiredKeyedService<UdpHeartbeatListener>(name)));
        return builder;
    }

    private static UdpHeartbeatListener CreateListener(IServiceProvider provider, object? key) => new(
        provider.GetRequiredKeyedService<IHeartbeatSink>(key),
        provider.GetRequiredKeyedService<HeartbeatKeys>(key),
        provider.GetRequiredService<IOptionsMonitor<UdpHeartbeatOptions>>().Get((string?)key),
        provider.GetService<TimeProvider>(),
        provider.GetService<ILogger<UdpHeartbeatListener>>(),
        provider.GetService<IMeterFactory>());
}
