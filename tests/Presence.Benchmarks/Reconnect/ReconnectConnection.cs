using System.Net;
using System.Net.Sockets;

namespace Presence.Benchmarks.Reconnect;

/// <summary>One connection of a client that reconnects. All protocols are driven alike; only what is said differs.</summary>
internal abstract class ReconnectConnection : IDisposable
{
    /// <summary>How long an answer may take.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly byte[] _login;

    protected ReconnectConnection(Socket socket, byte[] login)
    {
        _socket = socket;
        _login = login;
        Stream = new NetworkStream(socket);
    }

    protected NetworkStream Stream { get; }

    public static async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return socket;
    }

    /// <summary>Sends the login at once.</summary>
    public void SendLogin() => _socket.Send(_login);

    /// <summary>Ends the connection at once and without a word.</summary>
    public void Die(bool byReset)
    {
        if (byReset)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        _socket.Close();
    }

    /// <summary>Waits for the answer to a login, and does what a client does next.</summary>
    /// <returns>Whether it is logged in. If not, the server has closed the connection, or does not answer.</returns>
    public Task<bool> IsWelcomeAsync() => SucceedsAsync(TryBeWelcomeAsync);

    /// <summary>Has the server send this client something, and waits for it.</summary>
    /// <returns>Whether it came. If not, the server has closed the connection, or serves this client no more.</returns>
    public Task<bool> IsServedAsync() => SucceedsAsync(TryBeServedAsync);

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }

    /// <returns>False if the server has closed the connection.</returns>
    protected abstract Task<bool> TryBeWelcomeAsync(CancellationToken cancellationToken);

    /// <returns>False if the server has closed the connection.</returns>
    protected abstract Task<bool> TryBeServedAsync(CancellationToken cancellationToken);

    private static async Task<bool> SucceedsAsync(Func<CancellationToken, Task<bool>> attempt)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await attempt(limit.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
