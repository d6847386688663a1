using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Presence;
using Presence.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a host's presence part of a cluster.</summary>
public static class RedisPresenceServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="IPresenceCluster"/>, also as <see cref="RedisPresenceCluster"/>, which starts and stops with the host; and presence itself with
    /// its defaults, unless it was added.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configuration">Where the store is, as StackExchange.Redis reads it: <c>host:port,password=...,ssl=true</c>.</param>
    /// <param name="configure">Sets further options; null for the defaults.</param>
    /// <returns><paramref name="services"/>, for the next call. Adding twice adds one, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="configuration"/> is null, empty, or not what StackExchange.Redis reads.</exception>
    public static IServiceCollection AddRedis(this IServiceCollection services, string configuration, Action<RedisPresenceOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(configuration);
        var parsed = ConfigurationOptions.Parse(configuration);
        return services.AddRedis(options =>
        {
            options.Configuration = parsed;
            configure?.Invoke(options);
        });
    }

    /// <summary>As the other overload, for a host that sets <see cref="RedisPresenceOptions.Configuration"/> or
    /// <see cref="RedisPresenceOptions.Connection"/> itself.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="services"/>, for the next call. Adding twice adds one, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="configure"/> is null.</exception>
    public static IServiceCollection AddRedis(this IServiceCollection services, Action<RedisPresenceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddPresence();
        services.AddOptions<RedisPresenceOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisPresenceOptions>, RedisPresenceOptionsValidator>());
        services.TryAddSingleton(CreateCluster);
        services.TryAddSingleton<IPresenceCluster>(static provider => provider.GetRequiredService<RedisPresenceCluster>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RedisPresenceService>());
        return services;
    }

    private static RedisPresenceCluster CreateCluster(IServiceProvider provider) => new(
        provider.GetRequiredService<PresenceTracker>(),
        provider.GetRequiredService<IOptions<RedisPresenceOptions>>().Value,
        provider.GetService<TimeProvider>(),
        provider.GetService<ILogger<RedisPresenceCluster>>(),
        provider.GetService<IMeterFactory>());
}
