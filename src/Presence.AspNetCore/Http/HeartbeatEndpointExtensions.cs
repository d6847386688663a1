using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Presence;
using Presence.AspNetCore;
using Presence.AspNetCore.Http;
using Presence.AspNetCore.Probing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps heartbeats for devices that only speak HTTP.</summary>
public static class HeartbeatEndpointExtensions
{
    /// <summary>
    /// Maps three requests. <c>POST</c> logs in, and answers with a token, the interval in seconds and the limit. <c>POST …/beat</c> with <c>Authorization: Bearer</c> and the token is a heartbeat, and <c>DELETE</c> with it leaves; either
    /// answers 204, or 404 if the session is over, which means: log in again. A heartbeat too many is answered by 429.
    /// </summary>
    /// <param name="endpoints">Where to map them.</param>
    /// <param name="pattern">Their route.</param>
    /// <param name="login">Says as whom a request logs in, by whatever the host trusts. Null refuses it, with status 403.</param>
    /// <param name="tracker">The key of the tracker; null for the one without a key.</param>
    /// <returns>A builder for the conventions of the login, such as <c>RequireAuthorization</c> or a rate limit. The other two are proved by the token, and allow anonymous requests.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/>, <paramref name="pattern"/> or <paramref name="login"/> is null.</exception>
    /// <exception cref="InvalidOperationException"><c>AddPresence().AddHttpHeartbeats()</c> was not called for the tracker.</exception>
    public static IEndpointConventionBuilder MapHeartbeats(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<HttpContext, ValueTask<PresenceJoin?>> login,
        string? tracker = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(login);
        IServiceProvider services = endpoints.ServiceProvider;
        var handler = new HeartbeatEndpoints(
            services.GetRequiredKeyedService<Prober>(tracker),
            services.GetRequiredKeyedService<TokenSessions>(tracker),
            services.GetRequiredService<IOptionsMonitor<HttpHeartbeatOptions>>().Get(tracker),
            services.GetRequiredService<IOptionsMonitor<PresenceOptions>>().Get(tracker).TickInterval,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            login);

        RouteGroupBuilder group = endpoints.MapGroup(pattern).WithTags("Heartbeats");
        Describe(group.MapPost("/beat", handler.BeatAsync), handler.BeatAsync, "A heartbeat", Answers(204, 401, 404, 429)).AllowAnonymous();
        Describe(group.MapDelete("", handler.LeaveAsync), handler.LeaveAsync, "Leaves", Answers(204, 401, 404)).AllowAnonymous();
        return Describe(
            group.MapPost("", handler.LogInAsync),
            handler.LogInAsync,
            "Logs in",
            [new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(HeartbeatTicket), ["application/json"]), .. Answers(403)]);
    }

    /// <summary>Tells OpenAPI what it would find out by itself of a handler with parameters.</summary>
    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint, RequestDelegate handler, string summary, IProducesResponseTypeMetadata[] answers) =>
        endpoint.WithSummary(summary).WithMetadata([handler.Method, .. answers]);

    private static ProducesResponseTypeMetadata[] Answers(params int[] statuses) => [.. statuses.Select(static status => new ProducesResponseTypeMetadata(status, typeof(void)))];
}
