using System.Text.Json.Nodes;

namespace ChatClient;

/// <summary>What the user types and wants. It is done in the application loop; the keyboard has a thread of its own, which only waits for it.</summary>
internal sealed class UserInput(ApplicationLoop loop, Terminal terminal) : IDisposable
{
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end = new();

    /// <summary>To whom it goes; null while there is no connection.</summary>
    public Conversation? Conversation { get; set; }

    /// <summary>Whether the user has ever been welcomed, and may type.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether the user wants to go.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Comes when the user wants to go and there is nothing to wait for.</summary>
    public CancellationToken End => _end.Token;

    public void Start()
    {
        IsStarted = true;
        terminal.Write(Words.Commands);
        new Thread(ReadKeyboard) { IsBackground = true }.Start();
    }

    public void OnCancelKey(object? sender, ConsoleCancelEventArgs cancel)
    {
        // The first time asks the loop. If it hangs, or has been asked before, the program simply ends.
        cancel.Cancel = !IsLeaving && Conversation is not { IsVanished: true } && loop.TryPost(QuitAsync);
        IsLeaving = true;
    }

    public void Dispose() => _end.Dispose();

    private void ReadKeyboard()
    {
        while (terminal.Read() is { } line)
        {
            loop.PostAsync(() => DoAsync(line)).Wait();
        }

        loop.PostAsync(QuitAsync).Wait();
    }

    private Task DoAsync(string line)
    {
        switch (Typing.CommandOf(line))
        {
            case "":
                return Task.CompletedTask;
            case "/quit":
                return QuitAsync();
            case "/freeze":
                terminal.Write(Words.Frozen);
                return loop.Freeze();
            case "/vanish":
                terminal.Write(Words.Vanished);
                Conversation?.Vanish();
                return Task.CompletedTask;
            default:
                return SendAsync(Typing.MessageOf(line));
        }
    }

    private async Task SendAsync(JsonObject? message)
    {
        string? complaint = message is null ? Words.Commands : Conversation is null ? Words.NotConnected : await Conversation.TrySendAsync(message) ? null : Words.TooLong;
        if (complaint is not null)
        {
            terminal.Write(complaint);
        }
    }

    private async Task QuitAsync()
    {
        if (Conversation is { IsVanished: true })
        {
            return; // it ends when the server has noticed
        }

        IsLeaving = true;
        if (Conversation is null)
        {
            await _end.CancelAsync();
            return;
        }

        await Conversation.TrySendAsync(new JsonObject { ["type"] = "logout" });
        _end.CancelAfter(QuitTimeout); // the server closes the connection, which ends all; unless it is gone itself
    }
}
