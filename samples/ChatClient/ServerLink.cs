using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatClient;

/// <summary>The two channels to the server: lines over TCP, heartbeats over UDP.</summary>
internal sealed class ServerLink : IAsyncDisposable
{
    private const int MaxLineBytes = 4096;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly NetworkStream _lines;
    private readonly StreamReader _reader;
    private readonly IPAddress _server;
    private readonly Socket _heartbeats = new(SocketType.Dgram, ProtocolType.Udp);

    private ServerLink(Socket connected)
    {
        _server = ((IPEndPoint)connected.RemoteEndPoint!).Address;
        _lines = new NetworkStream(connected, ownsSocket: true);
        _reader = new StreamReader(_lines, Encoding.UTF8);
    }

    public static async Task<ServerLink> ConnectAsync(string host, int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port);
        return new ServerLink(socket);
    }

    /// <summary>Reads a line.</summary>
    /// <returns>The line; null when the server has closed the connection.</returns>
    public async Task<string?> ReadLineAsync()
    {
        try
        {
            return await _reader.ReadLineAsync();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <returns>Whether it was short enough: for a line over its limit the server closes the connection.</returns>
    public async Task<bool> SendAsync(JsonObject message)
    {
        byte[] line = Encoding.UTF8.GetBytes(message.ToJsonString(Json) + "\n");
        if (line.Length > MaxLineBytes)
        {
            return false;
        }

        try
        {
            await _lines.WriteAsync(line);
        }
        catch (IOException)
        {
            // The connection is gone. Reading says so, too, and that is where it is acted upon.
        }

        return true;
    }

    public async Task SendHeartbeatAsync(int port, JsonObject heartbeat)
    {
        try
        {
            await _heartbeats.SendToAsync(Encoding.UTF8.GetBytes(heartbeat.ToJsonString(Json)), new IPEndPoint(_server, port));
        }
        catch (SocketException)
        {
            // A heartbeat that is lost is nothing to stop for. That is what the limit is for.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _heartbeats.Dispose();
        await _lines.DisposeAsync();
    }
}
