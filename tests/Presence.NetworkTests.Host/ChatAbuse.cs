using System.Net.Sockets;
using System.Text;

namespace Presence.NetworkTests.Host;

/// <summary>All that strangers do to a chat server, at once.</summary>
internal sealed class ChatAbuse(Arguments arguments)
{
    private const int Silent = 2000;
    private const int Slow = 20;

    private static readonly TimeSpan PerLogin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan PerOther = TimeSpan.FromMilliseconds(10);

    private readonly string _host = arguments.Text("host", "");
    private readonly int _port = arguments.Number("port", 8080);
    private readonly List<Socket> _kept = [];
    private int _silent; // so many, one after another
    private int _scans;
    private int _garbage;
    private int _logins;
    private int _halfOpen;

    public async Task RunAsync()
    {
        if (arguments.Text("half-open", "no") == "yes")
        {
            _ = HalfOpenAsync();
        }
        else
        {
            await Task.WhenAll(Enumerable.Range(0, Slow).Select(i => KeepUnreadAsync($"slow{Environment.ProcessId}-{i}")));
            await Task.WhenAll(Enumerable.Range(0, Silent).Select(_ => StaySilentAsync()));
            _ = ScanAsync();
            _ = SendGarbageAsync();
            _ = LogInAndOutAsync();
        }

        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"status: silent={_silent} slow={Slow} scans={_scans} garbage={_garbage} logins={_logins} halfOpen={_halfOpen}");
        }
    }

    private static byte[] LogInLine(string user) => Encoding.UTF8.GetBytes($$"""{"type":"login","user":"{{user}}"}""" + "\n");

    /// <summary>Opens a connection that never logs in, and another one each time that the server has had enough.</summary>
    /// <returns>A task that completes with the first.</returns>
    private async Task StaySilentAsync()
    {
        Socket socket = await ConnectAsync();
        _ = StayAsync();

        async Task StayAsync()
        {
            byte[] answer = new byte[256];
            while (true)
            {
                try
                {
                    Interlocked.Increment(ref _silent);
                    while (await socket.ReceiveAsync(answer) > 0)
                    {
                    }
                }
                catch (SocketException)
                {
                    // That is how the server ends it.
                }

                socket.Dispose();
                socket = await ConnectAsync();
            }
        }
    }

    /// <summary>Logs in, and reads nothing.</summary>
    private async Task KeepUnreadAsync(string user)
    {
        Socket socket = await ConnectAsync(receiveBuffer: 4096);
        await socket.SendAsync(LogInLine(user));
        lock (_kept)
        {
            _kept.Add(socket);
        }
    }

    private async Task<Socket> ConnectAsync(int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveBufferSize = receiveBuffer ?? socket.ReceiveBufferSize;
        await socket.ConnectAsync(_host, _port);
        return socket;
    }

    private Task ScanAsync() => RepeatAsync(PerOther, async () =>
    {
        _scans++;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_host, _scans % 2 == 0 ? _port : 1 + (_scans % 1024));
        socket.LingerState = new LingerOption(true, 0); // a reset, as scanners do
    });

    private Task SendGarbageAsync() => RepeatAsync(PerOther, async () =>
    {
        _garbage++;
        using Socket socket = await ConnectAsync();
        byte[] bytes = new byte[10_000];
        Random.Shared.NextBytes(bytes);
        await socket.SendAsync(bytes);
    });

    private Task LogInAndOutAsync() => RepeatAsync(PerLogin, async () =>
        {
            using Socket socket = await ConnectAsync();
            await socket.SendAsync(LogInLine($"restless{_logins % 10}-{Environment.ProcessId}")); // the name may be being torn down
            await socket.SendAsync("""{"type":"logout"}"""u8.ToArray().Append((byte)'\n').ToArray());
            byte[] answer = new byte[4096];
            while (await socket.ReceiveAsync(answer) > 0)
            {
            }

            _logins++;
        });

    /// <summary>Connects over a path that brings no answer: the server's half of the connection waits for the rest.</summary>
    private Task HalfOpenAsync() => RepeatAsync(PerOther, () =>
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        _kept.Add(socket);
        _halfOpen++;
        try
        {
            socket.Connect(_host, _port);
        }
        catch (SocketException)
        {
            // It is under way.
        }

        return Task.CompletedTask;
    });

    private static async Task RepeatAsync(TimeSpan interval, Func<Task> attack)
    {
        long started = TimeProvider.System.GetTimestamp();
        for (int i = 1; ; i++)
        {
            try
            {
                await attack();
            }
            catch (SocketException)
            {
                // Refused, or cut off.
            }

            TimeSpan early = (interval * i) - TimeProvider.System.GetElapsedTime(started);
            if (early > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(early, TimeProvider.System);
            }
        }
    }
}
