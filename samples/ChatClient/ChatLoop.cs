using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace ChatClient;

/// <summary>The application loop: whatever the program does, it does here, one thing after another.</summary>
/// <remarks>
/// Heartbeats go out only while this loop serves what is posted to it. Those of a timer or a thread alone would go on while the program hangs,
/// and tell the server that all is well.
/// </remarks>
internal sealed class ChatLoop(ServerLink server, string user)
{
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(2);

    private readonly Channel<Func<Task>> _work = Channel.CreateBounded<Func<Task>>(100);
    private IDisposable? _heartbeats;
    private bool _isLeaving; // by the user's will, not the server's
    private bool _isVanished;
    private int _exitCode;

    /// <summary>Logs in, and runs until the user quits or the connection ends.</summary>
    /// <returns>The exit code: 0 if that was the user's will.</returns>
    public async Task<int> RunAsync()
    {
        Console.CancelKeyPress += OnCancelKey;
        _ = ReceiveAsync();
        await server.SendAsync(new JsonObject { ["type"] = "login", ["user"] = user });
        await foreach (Func<Task> work in _work.Reader.ReadAllAsync())
        {
            await work();
        }

        _heartbeats?.Dispose();
        return _exitCode;
    }

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs cancel)
    {
        // The first time asks the loop. If it hangs, or has been asked before, the program simply ends.
        cancel.Cancel = !_isLeaving && !_isVanished && _work.Writer.TryWrite(QuitAsync);
        _isLeaving = true;
    }

    private async Task ReceiveAsync()
    {
        while (await server.ReadLineAsync() is { } line)
        {
            await _work.Writer.WriteAsync(() => OnReceivedAsync(line));
        }

        await _work.Writer.WriteAsync(OnClosed);
    }

    private void ReadKeyboard()
    {
        while (Console.ReadLine() is { } line)
        {
            PostAndWait(() => OnTypedAsync(line));
        }

        PostAndWait(QuitAsync);
    }

    private void PostAndWait(Func<Task> work)
    {
        try
        {
            _work.Writer.WriteAsync(work).AsTask().GetAwaiter().GetResult();
        }
        catch (ChannelClosedException)
        {
            // The program is ending.
        }
    }

    private Task OnReceivedAsync(string line)
    {
        if (_isVanished)
        {
            return Task.CompletedTask;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement message = document.RootElement;
        Screen.Show(message);
        string? type = message.GetProperty("type").GetString();
        if (type == "welcome")
        {
            Console.WriteLine(Screen.Help);
            _heartbeats = Heartbeats.Start(server.Address, message, Probe);
            new Thread(ReadKeyboard) { IsBackground = true }.Start();
        }
        else if (type == "error" && (_heartbeats is null || message.GetProperty("code").GetString() is "expired" or "replaced")) // refused, or over
        {
            End(1);
        }

        return Task.CompletedTask;
    }

    /// <summary>Has the loop answer in its turn. It waits for room in the queue, if there is none, but not here.</summary>
    private void Probe(Action answer) => _ = _work.Writer.WriteAsync(() =>
    {
        answer();
        return Task.CompletedTask;
    }).AsTask();

    private Task OnClosed()
    {
        if (_isVanished)
        {
            Console.WriteLine("* The server has noticed, and closed the connection.");
        }
        else if (!_isLeaving)
        {
            Console.WriteLine($"! The server closed the connection.{(_heartbeats is null ? " Does it use TLS? Then try --tls." : "")}");
        }

        End(_isLeaving || _isVanished ? 0 : 1);
        return Task.CompletedTask;
    }

    private Task OnTypedAsync(string line)
    {
        string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return _isVanished || words.Length == 0 ? Task.CompletedTask : words switch
        {
            ["/who"] => SendAsync(new JsonObject { ["type"] = "who" }),
            ["/tell", string to, string text] => SendAsync(new JsonObject { ["type"] = "tell", ["to"] = to, ["text"] = text }),
            ["/quit"] => QuitAsync(),
            ["/freeze"] => Freeze(),
            ["/vanish"] => Vanish(),
            [['/', ..], ..] => Help(),
            _ => SendAsync(new JsonObject { ["type"] = "say", ["text"] = line }),
        };
    }

    private async Task SendAsync(JsonObject message)
    {
        if (!await server.SendAsync(message))
        {
            Console.WriteLine("! That is too long.");
        }
    }

    private static Task Help()
    {
        Console.WriteLine(Screen.Help);
        return Task.CompletedTask;
    }

    private async Task QuitAsync()
    {
        if (!_isVanished)
        {
            _isLeaving = true;
            await server.SendAsync(new JsonObject { ["type"] = "logout" });
            _ = EndLaterAsync(); // the server closes the connection, which ends the loop; unless it is gone itself
        }
    }

    private async Task EndLaterAsync()
    {
        await Task.Delay(QuitTimeout, TimeProvider.System);
        End(0);
    }

    /// <summary>The classic deadlock: the loop waits for work that only the loop could do.</summary>
    private Task Freeze()
    {
        Console.WriteLine("* Frozen: the loop hangs, so the heartbeats stop. Ctrl+C twice ends the program.");
        var done = new TaskCompletionSource();
        PostAndWait(() => Task.FromResult(done.TrySetResult()));
        done.Task.Wait();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Falls silent. A process that ends has its sockets closed for it, with a FIN; so this one stays, unseen, until the server has closed
    /// the connection from its side.
    /// </summary>
    private Task Vanish()
    {
        Console.WriteLine("* Vanished: no heartbeat, no FIN. This process only holds the socket open; it ends when the server has noticed.");
        _isVanished = true;
        _heartbeats?.Dispose();
        return Task.CompletedTask;
    }

    private void End(int exitCode)
    {
        if (_work.Writer.TryComplete())
        {
            _exitCode = exitCode;
        }
    }
}
