using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ChatServer.Tests;

/// <summary>A client of bare sockets, which sends what it is told, right or wrong.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly StreamReader _reader;
    private readonly Socket _heartbeats;
    private readonly IPAddress _server;

    private ulong _sequence;
    private HashSet<string?> _seen = [];

    private TestClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        _reader = new StreamReader(stream, Encoding.UTF8);
        _server = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        _heartbeats = new Socket(_server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
    }

    public string User { get; private set; } = "";

    public string Session { get; private set; } = "";

    /// <summary>Null if the welcome had none.</summary>
    public byte[]? Key { get; private set; }

    public int HeartbeatPort { get; private set; }

    public static async Task<TestClient> ConnectAsync(int port, IPAddress? address = null, int? receiveBuffer = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveBufferSize = receiveBuffer ?? socket.ReceiveBufferSize;
        await socket.ConnectAsync(address, port);
        return new TestClient(socket, new NetworkStream(socket));
    }

    public static async Task<TestClient> ConnectWithTlsAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.RemoteCertificateChainErrors, // and no other: the name is right
        });
        return new TestClient(socket, stream);
    }

    public async Task<JsonElement> LogInAsync(string user)
    {
        await SendAsync(new { type = "login", user });
        JsonElement welcome = await ReadAsync("welcome");
        User = welcome.GetProperty("user").GetString()!;
        Session = welcome.GetProperty("session").GetString()!;
        Key = welcome.TryGetProperty("key", out JsonElement key) ? key.GetBytesFromBase64() : null;
        _seen = [.. OnlineIn(welcome)];
        HeartbeatPort = welcome.GetProperty("heartbeat").GetProperty("port").GetInt32();
        return welcome;
    }

    /// <summary>Waits until this one knows that somebody is online: by its welcome, or else by what comes next, where others may come first.</summary>
    public async Task SeeAsync(string user)
    {
        while (!_seen.Contains(user))
        {
            _seen.Add((await ReadAsync("joined")).GetProperty("user").GetString());
        }
    }

    public Task SendAsync(object message) => SendBytesAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message) + "\n"));

    public Task SendLineAsync(string line) => SendBytesAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public async Task SendBytesAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Sends the heartbeat that the welcome asked for.</summary>
    public Task BeatAsync() => SendDatagramAsync(Key is null ? PlainHeartbeat() : SignedHeartbeat(Key, ++_sequence));

    public byte[] PlainHeartbeat() => JsonSerializer.SerializeToUtf8Bytes(new { type = "heartbeat", user = User, session = Session });

    /// <summary>Makes a signed heartbeat by the words of <c>docs/udp.md</c>.</summary>
    public byte[] SignedHeartbeat(byte[] key, ulong sequence)
    {
        byte[] datagram = [.. "PRB"u8, 1, 1, 0, 0, 0, .. new byte[16]];
        BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(8), ulong.Parse(Session, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(16), sequence);
        return [.. datagram, .. HMACSHA256.HashData(key, datagram).AsSpan(0, 16)];
    }

    public async Task SendDatagramAsync(byte[] datagram) => await _heartbeats.SendToAsync(datagram, new IPEndPoint(_server, HeartbeatPort));

    /// <summary>Reads the next message; if a type is given, it must be of that type.</summary>
    public async Task<JsonElement> ReadAsync(string? type = null)
    {
        string line = await ReadLineAsync() ?? throw new EndOfStreamException("The server has closed the connection.");
        JsonElement message = JsonElement.Parse(line);
        Assert.That(type is null || message.GetProperty("type").GetString() == type, Is.True, $"Expected {type}, but got {line}");
        return message;
    }

    /// <summary>Reads the next line as it is.</summary>
    public async Task<string?> ReadLineAsync() => await _reader.ReadLineAsync().WaitAsync(Wait.Limit);

    /// <summary>Reads some bytes, whatever they are.</summary>
    public async Task<int> ReadBytesAsync(int most, CancellationToken cancellationToken) => await _stream.ReadAsync(new byte[most], cancellationToken);

    /// <summary>Sends no more, and goes on reading.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public async Task<string> ReadErrorAsync() => (await ReadAsync("error")).GetProperty("code").GetString()!;

    /// <summary>Reads up to an error, and passes over what others said and did before.</summary>
    public async Task ReadUntilErrorAsync(string code)
    {
        JsonElement message;
        do
        {
            message = await ReadAsync();
        }
        while (message.GetProperty("type").GetString() != "error");
        Assert.That(message.GetProperty("code").GetString(), Is.EqualTo(code));
    }

    public async Task<string> ReadLeftAsync()
    {
        JsonElement left = await ReadAsync("left");
        return $"{left.GetProperty("user").GetString()} {left.GetProperty("reason").GetString()}";
    }

    public async Task<string?[]> WhoAsync()
    {
        await SendAsync(new { type = "who" });
        return OnlineIn(await ReadAsync("who"));
    }

    /// <summary>Reads what is left, up to the end of the connection, whether that is a FIN or a reset.</summary>
    public async Task ReadToEndAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync().WaitAsync(Wait.Limit) is not null)
            {
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Whether the server has cut the connection off, which shows when something is sent.</summary>
    public bool IsReset()
    {
        try
        {
            _socket.Send("\n"u8);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _heartbeats.Dispose();
    }

    private static string?[] OnlineIn(JsonElement message) => [.. message.GetProperty("online").EnumerateArray().Select(user => user.GetString())];
}
