using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Presence;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds presence to a host's services.</summary>
public static class PresenceServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="IPresenceTracker"/>, also as <see cref="IHeartbeatSink"/>, which ticks from when it is first asked for until the
    /// container is disposed. A registered <see cref="ITickSource"/> or <see cref="TimeProvider"/> is used in place of the default.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns><paramref name="services"/>, for the next call. Adding twice adds one tracker, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddPresence(this IServiceCollection services, Action<PresenceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<PresenceOptions> options = services.AddOptions<PresenceOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PresenceOptions>, PresenceOptionsValidator>());
        services.TryAddSingleton(CreateTracker);
        services.TryAddSingleton<IPresenceTracker>(static provider => provider.GetRequiredService<PresenceTracker>());
        services.TryAddSingleton<IHeartbeatSink>(static provider => provider.GetRequiredService<PresenceTracker>());
        return services;
    }

    private static PresenceTracker CreateTracker(IServiceProvider provider) => new(
        provider.GetRequiredService<IOptions<PresenceOptions>>().Value,
        provider.GetService<ITickSource>(),
        provider.GetService<TimeProvider>(),
        provider.GetService<ILogger<PresenceTracker>>(),
        provider.GetService<IMeterFactory>());
}
