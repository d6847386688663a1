using System.Net.WebSockets;
using System.Text;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>A client with no library: a WebSocket and the text that a test wants to send.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    public static async Task<RawClient> ConnectAsync(HubHost host, string user)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(new Uri($"{host.Url.Replace("http", "ws", StringComparison.Ordinal)}/hub?user={user}"), default);
        await client.SendAsync("""{"protocol":"json","version":1}""");
        return client;
    }

    public Task SendAsync(string message) => SendPartAsync(message + '\u001e');

    public Task SendPartAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, default);

    /// <summary>Closes the socket as a browser does for a page that is left or loaded again.</summary>
    public Task LeavePageAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, default);

    /// <summary>Cuts the connection, with no word.</summary>
    public void Cut() => _socket.Abort();

    public void Dispose() => _socket.Dispose();
}
