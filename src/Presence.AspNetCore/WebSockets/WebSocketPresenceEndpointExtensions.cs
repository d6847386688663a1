using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Presence;
using Presence.AspNetCore;
using Presence.AspNetCore.Probing;
using Presence.AspNetCore.WebSockets;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps WebSockets that are sessions.</summary>
public static class WebSocketPresenceEndpointExtensions
{
    /// <summary>
    /// Maps WebSockets, each a session from its connect to its end. Who is silent is asked by <see cref="WebSocketPresenceOptions.Probe"/>, and who does not answer is closed with <see cref="WebSocketPresenceOptions.ExpiredStatus"/>.
    /// </summary>
    /// <param name="endpoints">Where to map it.</param>
    /// <param name="pattern">Its route.</param>
    /// <param name="join">
    /// Says as whom a request joins. Null refuses it, with status 403. Check the <c>Origin</c> here where cookies say who somebody is: a browser lets any page open a WebSocket to any host.
    /// </param>
    /// <param name="onMessage">Takes the messages of clients, but their answers, one at a time for each. Null drops them. If it throws, that is logged and the WebSocket is closed.</param>
    /// <param name="tracker">The key of the tracker; null for the one without a key.</param>
    /// <returns>A builder for the endpoint's conventions, such as <c>RequireAuthorization</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/>, <paramref name="pattern"/> or <paramref name="join"/> is null.</exception>
    /// <exception cref="InvalidOperationException"><c>AddPresence().AddWebSockets()</c> was not called for the tracker.</exception>
    public static IEndpointConventionBuilder MapPresenceWebSocket(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<HttpContext, ValueTask<PresenceJoin?>> join,
        Func<SocketMessage, ValueTask>? onMessage = null,
        string? tracker = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(join);
        IServiceProvider services = endpoints.ServiceProvider;
        WebSocketPresenceOptions options = services.GetRequiredService<IOptionsMonitor<WebSocketPresenceOptions>>().Get(tracker);
        int limit = services.GetRequiredService<IOptionsMonitor<PresenceOptions>>().Get(tracker).ExpireAfter;
        var endpoint = new SocketEndpoint(
            services.GetRequiredKeyedService<Prober>(tracker),
            options,
            options.ProbeAfter ?? Math.Max(1, limit / 2),
            join,
            onMessage,
            services.GetRequiredService<ILogger<PresenceSocket>>());
        IApplicationBuilder pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(endpoint.HandleAsync);
        return endpoints.Map(pattern, pipeline.Build()).WithDisplayName($"{pattern} presence");
    }
}
