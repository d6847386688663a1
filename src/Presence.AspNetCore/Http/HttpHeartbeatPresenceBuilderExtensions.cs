using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Presence;
using Presence.AspNetCore;
using Presence.AspNetCore.Hosting;
using Presence.AspNetCore.Http;
using Presence.AspNetCore.Probing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds heartbeats over HTTP to a host's presence.</summary>
public static class HttpHeartbeatPresenceBuilderExtensions
{
    /// <summary>Adds what <c>MapHeartbeats</c> needs, for the builder's tracker. With the name of the builder, the options have that name. When the host stops, expiry is paused first.</summary>
    /// <param name="builder">What <c>AddPresence</c> returned.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns><paramref name="builder"/>, for the next call. Adding twice adds it once, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IPresenceBuilder AddHttpHeartbeats(this IPresenceBuilder builder, Action<HttpHeartbeatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IServiceCollection services = builder.Services;
        OptionsBuilder<HttpHeartbeatOptions> options = services.AddOptions<HttpHeartbeatOptions>(builder.Name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HttpHeartbeatOptions>, HttpHeartbeatOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<JsonOptions>, HeartbeatJsonOptions>());
        services.TryAddKeyedSingleton(builder.Name, static (provider, key) => new TokenSessions(provider.GetRequiredKeyedService<IPresenceTracker>(key)));
        services.AddProbers();
        services.AddStoppingPause(builder.Name);
        return builder;
    }
}
