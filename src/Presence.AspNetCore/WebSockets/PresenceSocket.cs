using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Presence.AspNetCore;

/// <summary>A WebSocket that is a session.</summary>
/// <remarks>Thread safety: every member may be called from any thread; messages go out whole, in the order of the calls.</remarks>
public abstract class PresenceSocket
{
    private protected PresenceSocket()
    {
    }

    /// <summary>Its client, as it joined.</summary>
    public abstract string ClientId { get; }

    /// <summary>Its session, for the tracker.</summary>
    public abstract SessionId Session { get; }

    /// <summary>The request that it came by. As any request's, it is not to be used by several threads at once.</summary>
    public abstract HttpContext HttpContext { get; }

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message. It may be changed again when the task has completed.</param>
    /// <param name="type">Whether it is text, in UTF-8, or binary.</param>
    /// <param name="cancellationToken">Gives up. A message that was begun then takes the WebSocket with it.</param>
    /// <returns>Whether the system has taken it; false if the WebSocket is closed, or closes meanwhile.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public abstract ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Text, CancellationToken cancellationToken = default);
}
