using Microsoft.AspNetCore.SignalR;
using Presence.AspNetCore.SignalR;

namespace Presence.AspNetCore;

/// <summary>Finds the session of a hub's caller.</summary>
public static class PresenceHubCallerContextExtensions
{
    /// <summary>The session of a connection, for its groups, limit and state.</summary>
    /// <param name="context">The hub's <c>Context</c>.</param>
    /// <returns>The session, whether it is still online or not; <see cref="SessionId.None"/> on a hub without presence.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    public static SessionId GetPresenceSession(this HubCallerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<HubSession>()?.Session ?? SessionId.None;
    }
}
