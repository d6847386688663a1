namespace Presence.AspNetCore;

/// <summary>As whom a WebSocket, or a device that speaks HTTP, joins.</summary>
/// <param name="ClientId">The client. If it is online already, the new session replaces the old one, whose WebSocket is closed and whose token is no longer good.</param>
/// <param name="Options">Its state, limit and groups; null for the defaults. It names no session to replace.</param>
/// <remarks>Thread safety: immutable.</remarks>
public sealed record PresenceJoin(string ClientId, JoinOptions? Options = null);
