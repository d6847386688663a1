using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
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

    private readonly Stream _stream;

    private ServerLink(IPAddress address, Stream stream)
    {
        Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        _stream = stream;
        Lines = new LineReader(stream);
    }

    /// <summary>The server's address, where heartbeats go as well: of a name with several it is the one that answers.</summary>
    public IPAddress Address { get; }

    public LineReader Lines { get; }

    /// <exception cref="LinkException">Nobody answers, or not as it was asked for.</exception>
    public static async Task<ServerLink> ConnectAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        // A client that was cut off while the server ended its session missed the end of the connection too, and would learn of it only when it next sends.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
            await socket.ConnectAsync(arguments.Host, arguments.Port, cancellationToken);
            IPAddress address = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            var stream = new NetworkStream(socket, ownsSocket: true);
            return new ServerLink(address, arguments.Tls == Tls.None ? stream : await SecureAsync(stream, arguments, cancellationToken));
        }
        catch (Exception exception) // whatever it is that this host, or its name server, makes of the arguments
        {
            socket.Dispose();
            throw exception is LinkException or OperationCanceledException ? exception : new LinkException(Words.Unreachable(arguments, exception.Message), exception);
        }
    }

    /// <summary>Sends a message.</summary>
    /// <returns>Whether it was short enough: for a line over its limit the server closes the connection.</returns>
    public async Task<bool> TrySendAsync(JsonObject message)
    {
        byte[] line = Encoding.UTF8.GetBytes(message.ToJsonString(Json) + "\n");
        try
        {
            await _stream.WriteAsync(line.Length > MaxLineBytes ? default : line.AsMemory());
        }
        catch (IOException)
        {
            // The connection is gone. Reading says so, too, and that is where it is acted upon.
        }

        return line.Length <= MaxLineBytes;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<SslStream> SecureAsync(Stream stream, Arguments arguments, CancellationToken cancellationToken)
    {
        var secured = new SslStream(stream);
        string refusal = "";
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = arguments.Host,
            RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            {
                refusal = errors == SslPolicyErrors.RemoteCertificateChainErrors ? string.Join(", ", chain!.ChainStatus.Select(status => status.Status)) : $"{errors}";
                return errors == SslPolicyErrors.None || (arguments.Tls == Tls.Insecure && errors != SslPolicyErrors.RemoteCertificateNotAvailable);
            },
        };
        try
        {
            await secured.AuthenticateAsClientAsync(options, cancellationToken);
            return secured;
        }
        catch (Exception exception) when (exception is AuthenticationException || exception.GetType() == typeof(IOException)) // one derived is of a file
        {
            throw new LinkException(refusal.Length > 0 ? Words.NotTrusted(refusal) : Words.NoTls(arguments, exception.Message), exception);
        }
    }
}
