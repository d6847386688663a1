using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Presence.AspNetCore.WebSockets;

/// <summary>What the host sees of a WebSocket.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class OpenSocket(string clientId, SessionId session, HttpContext context, SocketWriter writer) : PresenceSocket
{
    public override string ClientId => clientId;

    public override SessionId Session => session;

    public override HttpContext HttpContext => context;

    public override ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Text, CancellationToken cancellationToken = default)
    {
        if (type is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary.");
        }

        return writer.SendAsync(message, type, cancellationToken);
    }
}
