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
public static class RedisPresenceBuilderExtensions
{
    /// <summary>
    /// Adds one <see cref="IPresenceCluster"/> for the builder's tracker, also as <see cref="RedisPresenceCluster"/>, which starts and stops with the host. With the name of the
    /// builder, these are keyed services and the options have that name.
    /// </summary>
    /// <param name="builder">What <c>AddPresence</c> returned.</param>
    /// <param name="configuration">Where the store is, as StackExchange.Redis reads it: <c>host:port,password=...,ssl=true</c>.</param>
    /// <param name="configure">Sets further options; null for the defaults. Trackers of one host each need a <see cref="RedisPresenceOptions.KeyPrefix"/> of their own.</param>
    /// <returns><paramref name="builder"/>, for the next call. Adding twice adds one, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="configuration"/> is null, empty, or not what StackExchange.Redis reads.</exception>
    public static IPresenceBuilder AddRedis(this IPresenceBuilder builder, string configuration, Action<RedisPresenceOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(configuration);
        var parsed = ConfigurationOptions.Parse(configuration);
        return builder.AddRedis(options =>
        {
            options.Configuration = parsed;
            configure?.Invoke(options);
        });
    }

    /// <summary>As the other overload, for a host that sets <see cref="RedisPresenceOptions.Configuration"/> or
    /// <see cref="RedisPresenceOptions.Connection"/> itself.</summary>
    /// <param name="builder">What <c>AddPresence</c> returned.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>, for the next call. Adding twice adds one, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configure"/> is null.</exception>
    public static IPresenceBuilder AddRedis(this IPresenceBuilder builder, Action<RedisPresenceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        (IServiceCollection services, string? name) = (builder.Services, builder.Name);
        services.AddOptions<RedisPresenceOptions>(name).Configure(configure).ValidateOnStart();
        if (services.Any(service => service.ServiceType == typeof(RedisPresenceCluster) && Equals(service.ServiceKey, name)))
        {
            return builder;
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisPresenceOptions>, RedisPresenceOptionsValidator>());
        services.AddKeyedSingleton(name, CreateCluster);
        services.TryAddKeyedSingleton<IPresenceCluster>(name, static (provider, key) => provider.GetRequiredKeyedService<RedisPresenceCluster>(key));
        services.AddSingleton<IHostedService>(provider => new RedisPresenceService(provider.GetRequiredKeyedService<RedisPresenceCluster>(name)));
        return builder;
    }

    private static RedisPresenceCluster CreateCluster(IServiceProvider provider, object? key) => new(
        provider.GetRequiredKeyedService<PresenceTracker>(key),
        provider.GetRequiredService<IOptionsMonitor<RedisPresenceOptions>>().Get((string?)key),
        provider.GetService<TimeProvider>(),
        provider.GetService<ILogger<RedisPresenceCluster>>(),
        provider.GetService<IMeterFactory>());
}
