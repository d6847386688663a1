using Microsoft.Extensions.Options;

namespace ChatServer;

/// <summary>What is said, and to whom it goes.</summary>
/// <remarks>
/// <para>All that a listener is sent goes through one <see cref="FairShare"/>, for what is said to everyone, and one of his own, for what he alone is told: else one who shouts,
/// or many together, would make everybody with a slower line leave too much unread.</para>
/// <para>Thread safety: any thread.</para>
/// </remarks>
internal sealed class Talking(Room room, IOptions<ChatOptions> options, TimeProvider timeProvider)
{
    private readonly FairShare _toEveryone = new(options.Value.MaxHeardBytesPerSecond, timeProvider);

    /// <summary>Says something to everyone, the speaker too: he sees his own words where all others see them.</summary>
    /// <returns>What to answer, if anything.</returns>
    public ErrorMessage? Say(string from, ChatConnection speaker, string text)
    {
        byte[] line = new SayMessage(from, text).ToLine();
        lock (room.Gate)
        {
            if (!room.IsIn(from, speaker))
            {
                return null; // its end is under way
            }

            if (!_toEveryone.TryTake(from, line.Length))
            {
                return Errors.Busy;
            }

            room.Broadcast(line);
            room.Elsewhere?.Say(from, text);
            return null;
        }
    }

    /// <summary>Says something to one.</summary>
    /// <returns>What to answer, if anything.</returns>
    public ErrorMessage? Tell(string from, ChatConnection speaker, string to, string text)
    {
        lock (room.Gate)
        {
            if (!room.IsIn(from, speaker))
            {
                return null;
            }

            if (room.Find(to) is { } listener)
            {
                return TryTell(listener, from, text) ? null : Errors.Busy;
            }

            return room.Elsewhere?.Tell(from, to, text) == true ? null : Errors.NotOnline(to);
        }
    }

    /// <summary>Takes in what somebody says on another server. What has no share left is lost, as it may be on its way, too.</summary>
    public void Hear(RelayedMessage message)
    {
        lock (room.Gate)
        {
            if (message.To is not null)
            {
                _ = room.Find(message.To) is { } listener && TryTell(listener, message.From, message.Text);
                return;
            }

            byte[] line = new SayMessage(message.From, message.Text).ToLine();
            if (_toEveryone.TryTake(message.From, line.Length))
            {
                room.Broadcast(line);
            }
        }
    }

    private bool TryTell(ChatConnection listener, string from, string text)
    {
        byte[] line = new TellMessage(from, text).ToLine();
        listener.ToldAlone ??= new FairShare(options.Value.MaxHeardBytesPerSecond, timeProvider);
        bool isWithin = listener.ToldAlone.TryTake(from, line.Length);
        if (isWithin)
        {
            listener.Send(line);
        }

        return isWithin;
    }
}
