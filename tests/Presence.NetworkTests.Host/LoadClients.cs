using System.Net;
using System.Net.Sockets;

namespace Presence.NetworkTests.Host;

/// <summary>Many clients in one process: each has a TCP connection and a rhythm of its own.</summary>
internal sealed class LoadClients
{
    private static readonly TimeSpan LoginTimeout = TimeSpan.FromSeconds(5);

    private readonly string _host;
    private readonly int _port;
    private readonly string _prefix;
    private readonly int _count;
    private readonly TimeSpan _interval;
    private readonly bool _overTcp;
    private readonly bool _logsInAgain;
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SemaphoreSlim _loggingIn = new(64);
    private readonly (Connection Connection, SignedBeat Beat)?[] _clients;
    private readonly int[] _logins; // of each
    private int _online;
    private long _sent;

    public LoadClients(Arguments arguments)
    {
        _host = arguments.Text("host", "");
        _port = arguments.Number("port", 7000);
        _prefix = arguments.Text("prefix", "client");
        _count = arguments.Number("count", 1);
        _interval = TimeSpan.FromMilliseconds(arguments.Number("interval", 100));
        _overTcp = arguments.Text("heartbeats", "udp") == "tcp";
        _logsInAgain = arguments.Text("again", "no") == "yes";
        _clients = new (Connection, SignedBeat)?[_count];
        _logins = new int[_count];
    }

    public async Task RunAsync()
    {
        _udp.Connect(new IPEndPoint(IPAddress.Parse(_host), _port));
        new Thread(Beat) { IsBackground = true }.Start();
        await Task.WhenAll(Enumerable.Range(0, _count).Select(LogInAsync));
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"status: online={Volatile.Read(ref _online)} kept={_logins.Count(logins => logins == 1)} logins={_logins.Sum()} sent={Volatile.Read(ref _sent)}");
        }
    }

    /// <summary>Logs a client in, as often as that takes.</summary>
    private async Task LogInAsync(int index)
    {
        while (!await TryLogInAsync(index))
        {
            await Task.Delay(_interval, TimeProvider.System);
        }
    }

    private async Task<bool> TryLogInAsync(int index)
    {
        await _loggingIn.WaitAsync();
        Connection? connection = null;
        try
        {
            using var timeout = new CancellationTokenSource(LoginTimeout);
            connection = await Connection.ConnectAsync(_host, _port, timeout.Token);
            await connection.WriteAsync($"login {_prefix}{index}");
            if ((await connection.ReadAsync(timeout.Token))?.Split(' ') is not ["welcome", string id, string key]
                || !SessionId.TryParse(id, out SessionId session))
            {
                connection.Dispose();
                return false;
            }

            _clients[index] = (connection, new SignedBeat(session, Convert.FromHexString(key)));
            Interlocked.Increment(ref _online);
            Interlocked.Increment(ref _logins[index]);
            _ = WatchAsync(index, connection);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            connection?.Dispose();
            return false;
        }
        finally
        {
            _loggingIn.Release();
        }
    }

    private async Task WatchAsync(int index, Connection connection)
    {
        while (await connection.ReadAsync() is not null)
        {
        }

        connection.Dispose();
        _clients[index] = null;
        Interlocked.Decrement(ref _online);
        if (_logsInAgain)
        {
            await LogInAsync(index);
        }
    }

    /// <summary>Sends each client's heartbeats at its own time within the interval, on one thread.</summary>
    private void Beat()
    {
        using var never = new ManualResetEvent(initialState: false);
        long started = TimeProvider.System.GetTimestamp();
        for (long next = 0; ; next++)
        {
            TimeSpan due = _interval / _count * next;
            TimeSpan early = due - TimeProvider.System.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
            {
                never.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)));
            }

            if (_clients[next % _count] is { } client)
            {
                Send(client.Connection, client.Beat);
            }
        }
    }

    private void Send(Connection connection, SignedBeat beat)
    {
        _sent++;
        if (_overTcp)
        {
            _ = connection.WriteAsync("beat");
            return;
        }

        try
        {
            _udp.Send(beat.Next());
        }
        catch (SocketException)
        {
            // A heartbeat that is lost is nothing to stop for.
        }
    }
}
