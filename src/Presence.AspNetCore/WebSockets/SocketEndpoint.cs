using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Presence.AspNetCore.Probing;
using Presence.AspNetCore.Telemetry;

namespace Presence.AspNetCore.WebSockets;

/// <summary>Has requests for a WebSocket join, and keeps their sessions until they end.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class SocketEndpoint(
    Prober prober,
    WebSocketPresenceOptions options,
    int probeAfter,
    Func<HttpContext, ValueTask<PresenceJoin?>> join,
    Func<SocketMessage, ValueTask>? onMessage,
    ILogger logger)
{
    private IPresenceTracker Tracker => prober.Tracker;

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (await join(context).ConfigureAwait(false) is not { } joining)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        JoinResult joined = Tracker.Join(joining.ClientId, joining.Options);
        bool isStopped = false;
        try
        {
            if (joined.Replaced is { } replaced)
            {
                prober.CloseReplaced(replaced.Session);
            }

            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
            isStopped = await ServeAsync(context, joining.ClientId, joined.Session, socket).ConfigureAwait(false);
        }
        finally
        {
            End(joined.Session, isStopped);
        }
    }

    /// <returns>Whether the client closed it of its own will.</returns>
    private async Task<bool> ServeAsync(HttpContext context, string clientId, SessionId session, WebSocket socket)
    {
        using var writer = new SocketWriter(socket);
        using var reader = new MessageReader(socket, options.MaxMessageSize);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(writer.Ended, context.RequestAborted);
        var connection = new ProbedSocket(Tracker, session, probeAfter, writer);
        var open = new OpenSocket(clientId, session, context, writer);
        prober.Add(connection);
        try
        {
            while (await TryReadAsync(reader, ended.Token).ConfigureAwait(false) is not WebSocketMessageType.Close and { } type)
            {
                connection.Take(true);
                if (reader.IsTooLarge)
                {
                    writer.Close(WebSocketCloseStatus.MessageTooBig, $"a message may have {options.MaxMessageSize} bytes");
                }
                else if (!writer.IsClosing) // what comes after that is read until the client closes too, and dropped
                {
                    await TakeAsync(connection, writer, new SocketMessage { Socket = open, Content = reader.Message, Type = type }).ConfigureAwait(false);
                }

                connection.Take(false);
            }

            writer.Close(WebSocketCloseStatus.NormalClosure, "");
            await writer.WhenClosedAsync().ConfigureAwait(false);
            return socket.CloseStatus is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.Empty;
        }
        finally
        {
            prober.Remove(connection);
        }
    }

    /// <returns>What was read; null if the connection broke or is given up.</returns>
    private static async ValueTask<WebSocketMessageType?> TryReadAsync(MessageReader reader, CancellationToken ended)
    {
        try
        {
            return await reader.ReadAsync(ended).ConfigureAwait(false);
        }
        catch (Exception exception) when (SocketWriter.IsEnd(exception))
        {
            return null;
        }
    }

    private async ValueTask TakeAsync(ProbedSocket connection, SocketWriter writer, SocketMessage message)
    {
        if (message.Type == WebSocketMessageType.Text && message.Content.Span.SequenceEqual("presence!"u8))
        {
            connection.NoteAnswer();
            return;
        }

        connection.NoteLife();
        if (onMessage is null)
        {
            return;
        }

        try
        {
            await onMessage(message).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(logger, message.Socket.ClientId, exception);
            writer.Close(WebSocketCloseStatus.InternalServerError, "the server failed on a message");
        }
    }

    private void End(SessionId session, bool isStopped)
    {
        if (isStopped)
        {
            Tracker.Leave(session);
        }
        else
        {
            Tracker.ExpireWithin(session, options.BrokenNotice);
        }
    }
}
