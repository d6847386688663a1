using System.Net.Sockets;
using System.Text;

namespace Presence.NetworkTests.Host;

/// <summary>A TCP connection of lines, and what the server keeps of the session on it.</summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly NetworkStream _stream;
    private int _ends;

    public Connection(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.ASCII, false, bufferSize: 256);
    }

    public SessionId Session { get; set; }

    /// <summary>The tick after which the session started.</summary>
    public long Joined { get; set; }

    /// <summary>The tick after which the session's last heartbeat came, or its join.</summary>
    public long LastBeat { get; set; }

    public static async Task<Connection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true); // or else it never learns of a reset that was lost
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 2);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
            await socket.ConnectAsync(host, port, cancellationToken);
            return new Connection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads a line.</summary>
    /// <returns>The line; null when the connection is gone.</returns>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string line)
    {
        try
        {
            await _stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Reading says so too, and that is where it is acted upon.
        }
    }

    /// <summary>Counts an end of the session.</summary>
    /// <returns>Whether it was the first.</returns>
    public bool End() => Interlocked.Increment(ref _ends) == 1;

    /// <summary>Ends it so that the kernel keeps nothing of it; its peer gets a reset.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }

        Dispose();
    }

    public void Dispose() => _stream.Dispose();
}
