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
    /// <returns>A builder, for what hangs on the tracker. Adding twice adds one tracker, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IPresenceBuilder AddPresence(this IServiceCollection services, Action<PresenceOptions>? configure = null) =>
        Add(services, null, configure);

    /// <summary>
    /// Adds one tracker more, apart from all others, as keyed services. A registered <see cref="ITickSource"/> of its key is used in place of the default, or one without a
    /// key, which trackers then share. Its options have its name, and its meter a tag <c>presence.tracker</c>.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="name">Its key, its options' name and its meter's tag. One of few: a meter is kept for each.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns>A builder, for what hangs on the tracker. Adding a name twice adds one tracker, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    public static IPresenceBuilder AddKeyedPresence(this IServiceCollection services, string name, Action<PresenceOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Add(services, name, configure);
    }

    private static PresenceBuilder Add(IServiceCollection services, string? name, Action<PresenceOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<PresenceOptions> options = services.AddOptions<PresenceOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PresenceOptions>, PresenceOptionsValidator>());
        services.TryAddKeyedSingleton(name, CreateTracker); // a key that is null is none
        services.TryAddKeyedSingleton<IPresenceTracker>(name, static (provider, key) => provider.GetRequiredKeyedService<PresenceTracker>(key));
        services.TryAddKeyedSingleton<IHeartbeatSink>(name, static (provider, key) => provider.GetRequiredKeyedService<PresenceTracker>(key));
        return new PresenceBuilder(services, name);
    }

    private static PresenceTracker CreateTracker(IServiceProvider provider, object? key) => new(
        provider.GetRequiredService<IOptionsMonitor<PresenceOptions>>().Get((string?)key),
        provider.GetKeyedService<ITickSource>(key) ?? provider.GetService<ITickSource>(),
        provider.GetService<TimeProvider>(),
        provider.GetService<ILogger<PresenceTracker>>(),
        provider.GetService<IMeterFactory>(),
        (string?)key);
}
