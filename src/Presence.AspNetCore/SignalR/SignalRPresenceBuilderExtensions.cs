using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.AspNetCore;
using Presence.AspNetCore.Hosting;
using Presence.AspNetCore.Probing;
using Presence.AspNetCore.SignalR;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds presence to a host's SignalR hubs.</summary>
public static class SignalRPresenceBuilderExtensions
{
    /// <summary>
    /// Gives each connection of the hubs a session, under its connection id, of the tracker that <c>AddPresence</c> added to the services. It takes the place of SignalR's <see cref="HubOptions.ClientTimeoutInterval"/>, which has no effect on
    /// these hubs any more. When the host stops, expiry is paused first.
    /// </summary>
    /// <param name="builder">What <c>AddSignalR</c> returned.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns><paramref name="builder"/>, for the next call. Adding twice adds it once, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static ISignalRServerBuilder AddPresence(this ISignalRServerBuilder builder, Action<SignalRPresenceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IServiceCollection services = builder.Services;
        OptionsBuilder<SignalRPresenceOptions> options = services.AddOptions<SignalRPresenceOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (services.Any(static service => service.ServiceType == typeof(HubPresence)))
        {
            return builder;
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SignalRPresenceOptions>, SignalRPresenceOptionsValidator>());
        services.AddProbers();
        services.AddSingleton<HubPresence>();
        services.AddSingleton<IHostedService>(static provider =>
            new StoppingPause(provider.GetRequiredService<HubPresence>().Prober, provider.GetRequiredService<IHostApplicationLifetime>()));
        services.Replace(ServiceDescriptor.Singleton(typeof(HubConnectionHandler<>), typeof(PresenceHubConnectionHandler<>)));
        return builder;
    }
}
