using System.Globalization;
using Microsoft.AspNetCore.Http;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.Http;

/// <summary>Login, heartbeat and leave, each one request.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class HeartbeatEndpoints(
    Prober prober,
    TokenSessions tokens,
    HttpHeartbeatOptions options,
    TimeSpan interval,
    TimeProvider clock,
    Func<HttpContext, ValueTask<PresenceJoin?>> login)
{
    private readonly string _retryAfter = Math.Ceiling(interval.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    public async Task LogInAsync(HttpContext context)
    {
        if (await login(context).ConfigureAwait(false) is not { } joining)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        JoinResult joined = prober.Tracker.Join(joining.ClientId, joining.Options);
        if (joined.Replaced is { } replaced)
        {
            prober.CloseReplaced(replaced.Session);
        }

        int limit = tokens.Issue(joining.ClientId, joined.Session, out BearerToken token);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new HeartbeatTicket(token.ToString(), interval.TotalSeconds, limit), HeartbeatJson.Default.HeartbeatTicket, cancellationToken: context.RequestAborted).ConfigureAwait(false);
    }

    public Task BeatAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (Authenticate(context, out BearerToken token) is { } session)
        {
            if (!session.TryCount(clock, interval, options.MaxBeatsPerTick))
            {
                response.StatusCode = StatusCodes.Status429TooManyRequests;
                response.Headers.RetryAfter = _retryAfter;
            }
            else
            {
                response.StatusCode = prober.Tracker.Heartbeat(token.Session) ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
            }
        }

        return Task.CompletedTask;
    }

    public Task LeaveAsync(HttpContext context)
    {
        if (Authenticate(context, out BearerToken token) is not null)
        {
            context.Response.StatusCode = prober.Tracker.Leave(token.Session) ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
        }

        return Task.CompletedTask;
    }

    /// <returns>Null if the request was answered.</returns>
    private TokenSession? Authenticate(HttpContext context, out BearerToken token)
    {
        if (!BearerToken.TryRead(context.Request.Headers.Authorization, out token))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return null;
        }

        TokenSession? session = tokens.Find(token);
        if (session is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }

        return session;
    }
}
