namespace ChatClient;

/// <summary>A user in the chat: connects, and does so again when the connection ends, until the user wants to go.</summary>
internal sealed class Chat(Arguments arguments, Terminal terminal)
{
    private readonly ApplicationLoop _loop = new();
    private readonly Backoff _backoff = new(Random.Shared);
    private Resumption? _resumption;

    /// <summary>Runs until the user quits, or cannot be in the chat.</summary>
    /// <returns>The exit code: 0 if that was the user's will.</returns>
    public async Task<int> RunAsync()
    {
        using var input = new UserInput(_loop, terminal);
        Console.CancelKeyPress += input.OnCancelKey;
        Task loop = _loop.RunAsync();
        Task<int> chatting = ChatAsync(input);
        await await Task.WhenAny(loop, chatting); // throws what is thrown in the loop, which has no end of its own
        return await chatting;
    }

    private async Task<int> ChatAsync(UserInput input)
    {
        while (true)
        {
            Ending ending = await ConverseAsync(input);
            if (input.IsLeaving)
            {
                return 0;
            }

            terminal.Write(ending.Text);
            if (ending.ExitCode is not null || !input.IsStarted) // one who was never welcomed has nothing to go back to
            {
                return ending.ExitCode ?? 1;
            }

            TimeSpan delay = _backoff.Next();
            terminal.Write(Words.Again(delay));
            await Task.Delay(delay, TimeProvider.System, input.End).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Ending> ConverseAsync(UserInput input)
    {
        long started = TimeProvider.System.GetTimestamp();
        try
        {
            await using ServerLink link = await Patience.WaitAsync(arguments, limit => ServerLink.ConnectAsync(arguments, limit), input.End);
            var conversation = new Conversation(link, arguments, _resumption, _loop, terminal);
            return await conversation.RunAsync(() => OnWelcome(input, conversation), input.End);
        }
        catch (LinkException exception)
        {
            return new Ending(exception.Message);
        }
        catch (OperationCanceledException) when (input.IsLeaving)
        {
            return new Ending("", ExitCode: 0);
        }
        finally
        {
            input.Conversation = null;
            _backoff.NoteConnection(TimeProvider.System.GetElapsedTime(started));
        }
    }

    private void OnWelcome(UserInput input, Conversation conversation)
    {
        _resumption = conversation.Resumption;
        input.Conversation = conversation;
        if (!input.IsStarted)
        {
            input.Start();
        }
    }
}
