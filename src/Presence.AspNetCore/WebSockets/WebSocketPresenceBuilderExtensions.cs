using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Presence.AspNetCore;
using Presence.AspNetCore.Hosting;
using Presence.AspNetCore.Probing;
using Presence.AspNetCore.WebSockets;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds WebSockets to a host's presence.</summary>
public static class WebSocketPresenceBuilderExtensions
{
    /// <summary>
    /// Adds what <c>MapPresenceWebSocket</c> needs, for the builder's tracker. With the name of the builder, the options have that name. When the host stops, expiry is paused first, and then the WebSockets are closed.
    /// </summary>
    /// <param name="builder">What <c>AddPresence</c> returned.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns><paramref name="builder"/>, for the next call. Adding twice adds it once, with both configurations.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IPresenceBuilder AddWebSockets(this IPresenceBuilder builder, Action<WebSocketPresenceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        OptionsBuilder<WebSocketPresenceOptions> options = builder.Services.AddOptions<WebSocketPresenceOptions>(builder.Name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebSocketPresenceOptions>, WebSocketPresenceOptionsValidator>());
        builder.Services.AddProbers();
        builder.Services.AddStoppingPause(builder.Name);
        return builder;
    }
}
