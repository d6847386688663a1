using System.Net.Sockets;

namespace Presence.NetworkTests.Host;

/// <summary>One stay of a client of the soak: its connection, and its heartbeats.</summary>
/// <remarks>Thread safety: one thread sends heartbeats; the client does the rest, one thing at a time.</remarks>
internal sealed class SoakSession : IDisposable
{
    private static readonly TimeSpan LoginTimeout = TimeSpan.FromSeconds(10);

    private readonly Connection _connection;
    private readonly SignedBeat _beat;
    private readonly Random _losses;
    private long _lastBeat = TimeProvider.System.GetTimestamp();
    private long _longestGap; // between two heartbeats, in ticks of the clock
    private volatile bool _isBeating = true;
    private TaskCompletionSource<bool>? _pong;

    private SoakSession(Connection connection, SignedBeat beat, int seed)
    {
        _connection = connection;
        _beat = beat;
        _losses = new Random(seed);
        Closed = ReadAsync();
    }

    /// <summary>Completes when the server has closed the connection.</summary>
    public Task Closed { get; }

    /// <summary>Whether heartbeats are sent.</summary>
    public bool IsBeating
    {
        get => _isBeating;
        set => _isBeating = value;
    }

    /// <summary>The share of heartbeats that is lost on the way.</summary>
    public double Loss { get; set; }

    public TimeSpan SinceLastBeat => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastBeat));

    /// <summary>The longest time without a heartbeat until now. Over the limit, the client's process has stood still, and was expired for that.</summary>
    public TimeSpan LongestGap
    {
        get
        {
            TimeSpan longest = TimeProvider.System.GetElapsedTime(0, Volatile.Read(ref _longestGap));
            return longest > SinceLastBeat ? longest : SinceLastBeat;
        }
    }

    /// <summary>Logs in.</summary>
    /// <returns>The session, or null if the server did not welcome it in time.</returns>
    public static async Task<SoakSession?> LogInAsync(string host, int port, string name, int seed)
    {
        Connection? connection = null;
        try
        {
            using var timeout = new CancellationTokenSource(LoginTimeout);
            connection = await Connection.ConnectAsync(host, port, timeout.Token);
            await connection.WriteAsync($"login {name}");
            if ((await connection.ReadAsync(timeout.Token))?.Split(' ') is ["welcome", string id, string key] && SessionId.TryParse(id, out SessionId session))
            {
                return new SoakSession(connection, new SignedBeat(session, Convert.FromHexString(key)), seed);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The server stands still, and its queue is full.
        }

        connection?.Dispose();
        return null;
    }

    /// <summary>Sends the next heartbeat, or loses it.</summary>
    public void Beat(Socket udp)
    {
        if (!IsBeating)
        {
            return;
        }

        long now = TimeProvider.System.GetTimestamp();
        Volatile.Write(ref _longestGap, Math.Max(_longestGap, now - _lastBeat));
        Volatile.Write(ref _lastBeat, now);
        ReadOnlySpan<byte> datagram = _beat.Next();
        if (_losses.NextDouble() < Loss)
        {
            return;
        }

        try
        {
            udp.Send(datagram);
        }
        catch (SocketException)
        {
            // A heartbeat that is lost is nothing to stop for.
        }
    }

    /// <summary>Asks whether the name is still this session's.</summary>
    public async Task<bool> PingAsync(string name)
    {
        _pong = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _connection.WriteAsync($"ping {name}");
        await Task.WhenAny(_pong.Task, Closed);
        return _pong.Task is { IsCompletedSuccessfully: true, Result: true };
    }

    public Task SendAsync(string line) => _connection.WriteAsync(line);

    public void Reset() => _connection.Reset();

    public void Dispose()
    {
        IsBeating = false;
        _connection.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _connection.ReadAsync() is { } line)
        {
            _pong?.TrySetResult(line == "pong");
        }
    }
}
