namespace ChatServer;

/// <summary>Reads the messages of a client, at the pace that it may have: a few at once, then so many a second.</summary>
internal sealed class MessageReader(ChatConnection client, int linesPerSecond, TimeProvider timeProvider)
{
    private const int SecondsAtOnce = 5;

    private readonly LineReader _lines = new(client.Input, ChatOptions.MaxLineBytes);
    private readonly double _burst = SecondsAtOnce * linesPerSecond;
    private readonly TokenBucket _pace = new(linesPerSecond, SecondsAtOnce * linesPerSecond, timeProvider);

    /// <summary>Reads up to the next message that is to be acted on. What is none, or comes too fast, is answered here.</summary>
    /// <returns>The message; null when the client is gone, or has been told why it has to go.</returns>
    public async ValueTask<ClientMessage?> ReadAsync()
    {
        while (await _lines.ReadAsync() is { } line)
        {
            double left = _pace.Take();
            if (left < -_burst)
            {
                client.Reason ??= "too-fast";
                client.SayGoodbye(Errors.TooFast);
                return null;
            }

            if (left < 0)
            {
                client.Send(Errors.SlowDown);
            }
            else if (ClientMessage.TryParse(line) is { } message)
            {
                return message;
            }
            else if (!line.AsSpan().Trim(" \t\r"u8).IsEmpty)
            {
                client.Send(Errors.BadJson);
            }
        }

        if (_lines.IsTooLong)
        {
            client.SayGoodbye(Errors.LineTooLong);
        }

        return null;
    }

    /// <summary>Reads on and throws it away, until the client is gone or the read is cancelled.</summary>
    /// <returns>Whether the client is gone.</returns>
    public ValueTask<bool> DiscardAsync() => _lines.DiscardAsync();
}
