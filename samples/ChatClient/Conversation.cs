using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatClient;

/// <summary>One connection from login to end. What it receives is done in the application loop, and so are its heartbeats.</summary>
internal sealed class Conversation(ServerLink link, Arguments arguments, Resumption? previous, ApplicationLoop loop, Terminal terminal)
{
    private IDisposable? _heartbeats;
    private bool _isReplaced;

    /// <summary>Whether it only stays for the server to notice.</summary>
    public bool IsVanished { get; private set; }

    /// <summary>What the next one goes on with, once this one is welcomed.</summary>
    public Resumption? Resumption { get; private set; }

    /// <summary>Logs in, and receives until the connection ends.</summary>
    /// <param name="onWelcome">Runs in the loop.</param>
    /// <param name="end">Ends it here.</param>
    /// <exception cref="LinkException">The server is none, or did not let the user in.</exception>
    public async Task<Ending> RunAsync(Action onWelcome, CancellationToken end)
    {
        try
        {
            await link.TrySendAsync(Resumption.LogInAs(arguments.User, previous));
            string line = await Patience.WaitAsync(arguments, limit => link.Lines.ReadAsync(limit), end) ?? throw new LinkException(Words.ClosedBeforeWelcome);
            JsonElement welcome = Message.TryParse(line) is { } answer && Screen.Text(answer, "type") is "welcome" or "error" ? answer : throw NoChatServer(line);
            if (Screen.Text(welcome, "type") == "error")
            {
                throw new LinkException(Screen.Show(welcome));
            }

            if (!await loop.DoAsync(() => TryStart(welcome, onWelcome)))
            {
                throw NoChatServer(line);
            }

            while (await link.Lines.ReadAsync(end) is { } received)
            {
                await loop.PostAsync(() => Receive(received));
            }

            return await loop.DoAsync(End); // so one that hangs does not come back
        }
        finally
        {
            _heartbeats?.Dispose();
        }
    }

    /// <summary>Sends a message.</summary>
    /// <returns>Whether it was short enough.</returns>
    public Task<bool> TrySendAsync(JsonObject message) => IsVanished ? Task.FromResult(true) : link.TrySendAsync(message);

    /// <summary>Falls silent. A process that ends has its sockets closed for it, with a FIN; so this one stays, unseen, until the server has closed the connection from its side.</summary>
    public void Vanish()
    {
        IsVanished = true;
        _heartbeats?.Dispose();
    }

    private bool TryStart(JsonElement welcome, Action onWelcome)
    {
        _heartbeats = Heartbeats.TryStart(link.Address, welcome, loop.Probe, BeatOverTcp);
        if (_heartbeats is not null)
        {
            Resumption = Resumption.Of(welcome);
            terminal.Write(Screen.Show(welcome));
            onWelcome();
        }

        return _heartbeats is not null;
    }

    /// <summary>Where no UDP comes through, any line is a sign of life.</summary>
    private void BeatOverTcp(Action confirm) => loop.TryPost(async () =>
    {
        await link.TrySendAsync(new JsonObject { ["type"] = "heartbeat" });
        confirm(); // a server that is gone ends the connection
    });

    private Task Receive(string line)
    {
        if (!IsVanished && Message.TryParse(line) is { } message)
        {
            _isReplaced |= Screen.Text(message, "code") == "replaced";
            terminal.Write(Screen.Show(message));
        }

        return Task.CompletedTask;
    }

    private Ending End() => IsVanished ? new Ending(Words.Noticed, ExitCode: 0) : new Ending(Words.Closed, _isReplaced ? 1 : null);

    private LinkException NoChatServer(string line) => new(Words.NoChatServer(arguments, Screen.Printable(line)));
}
