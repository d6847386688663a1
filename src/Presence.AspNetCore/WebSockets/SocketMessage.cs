using System.Net.WebSockets;

namespace Presence.AspNetCore;

/// <summary>A message of a client, for the host's own handler.</summary>
/// <remarks>Thread safety: an immutable value; its content is the reader's.</remarks>
public readonly record struct SocketMessage
{
    /// <summary>Where it came from, and where an answer goes.</summary>
    public required PresenceSocket Socket { get; init; }

    /// <summary>The message, until the handler has returned.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether it is text, in UTF-8, or binary.</summary>
    public required WebSocketMessageType Type { get; init; }
}
