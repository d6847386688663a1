using System.Net.WebSockets;
using System.Text;

namespace Presence.AspNetCore.Tests.WebSockets;

internal static class WebSocketClientExtensions
{
    public static Task SendTextAsync(this WebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, default);

    /// <summary>Reads a message as text, or a close as its status and reason.</summary>
    public static async Task<string> ReadTextAsync(this WebSocket socket)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        using var message = new MemoryStream();
        byte[] buffer = new byte[1024];
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer, limit.Token);
            message.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return result.MessageType == WebSocketMessageType.Close
            ? $"{(int)result.CloseStatus!} {result.CloseStatusDescription}"
            : Encoding.UTF8.GetString(message.ToArray());
    }
}
