using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatClient;

/// <summary>The connection to the server: lines over TCP, with or without TLS.</summary>
internal sealed class ServerLink : IAsyncDisposable
{
    private const int MaxLineBytes = 4096;
    private const int KeepAliveSeconds = 5;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Stream _lines;
    private readonly StreamReader _reader;

    private ServerLink(IPAddress address, Stream lines)
    {
        Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        _lines = lines;
        _reader = new StreamReader(_lines, Encoding.UTF8);
    }

    /// <summary>The server's address, where heartbeats go as well: of a name with several it is the one that answers.</summary>
    public IPAddress Address { get; }

    public static async Task<ServerLink> ConnectAsync(Arguments arguments)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // A client that was cut off while the server ended its session missed the end of the connection too, and would learn of it only when it next sends.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
        await socket.ConnectAsync(arguments.Host, arguments.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new ServerLink(((IPEndPoint)socket.RemoteEndPoint!).Address, arguments.Tls == Tls.None ? stream : await SecureAsync(stream, arguments));
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

    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private static async Task<SslStream> SecureAsync(Stream stream, Arguments arguments)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = arguments.Host,
            RemoteCertificateValidationCallback = arguments.Tls == Tls.Insecure ? (_, certificate, _, _) => certificate is not null : null,
        });
        return secured;
    }
}
