using Microsoft.Extensions.Logging;
using Presence.Redis.Heartbeats;
using Presence.Redis.Messages;
using Presence.Redis.Publishing;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;
using StackExchange.Redis;

namespace Presence.Redis.Takeover;

/// <summary>What this server is told: which of its sessions were replaced elsewhere, heartbeats that came to other servers, and messages for its clients.</summary>
/// <remarks>
/// Pub/sub loses messages without a word, and a subscription may be down that looks up. So the store counts what it told of replacements, and whoever heard less
/// looks for itself. Thread safety: messages come one after another; the rest is one loop's.
/// </remarks>
internal sealed class ServerInbox(IConnectionMultiplexer connection, StoreKeys keys, Publisher publisher, ClientMessages messages, ForwardedHeartbeats heartbeats, Troubles troubles, ILogger logger)
{
    private const string Trouble = "hearing of sessions that were replaced elsewhere";

    private ChannelMessageQueue? _queue;
    private Tally _tally = new();
    private long _toldBefore;

    /// <summary>Listens on the channel of an epoch. What comes on that of an earlier one is not heard any more.</summary>
    public async Task ListenAsync(string epoch)
    {
        var tally = new Tally();
        ChannelMessageQueue? previous = _queue;
        _queue = await SubscribeAsync(epoch, tally).ConfigureAwait(false);
        (_tally, _toldBefore) = (tally, 0);
        if (previous is not null)
        {
            await previous.UnsubscribeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Takes in how many replacements the store has told this epoch of.</summary>
    /// <returns>Whether one is missing that was told by the last time.</returns>
    public bool HasMissed(long told)
    {
        long heard = Interlocked.Read(ref _tally.Heard);
        long missing = _toldBefore - heard - _tally.Missed;
        _toldBefore = told;
        if (missing <= 0)
        {
            _tally.Missed = Math.Min(_tally.Missed, told - heard); // what was missed has come after all, or the store has lost its count
            if (heard > _tally.HeardAtTrouble)
            {
                troubles.Clear(Trouble);
            }

            return false;
        }

        _tally.Missed += missing;
        _tally.HeardAtTrouble = heard;
        troubles.Report(Trouble, new MessagesLostException(missing));
        return true;
    }

    /// <summary>Subscribes anew on the same channel, as its subscription seems to be down.</summary>
    public async Task ListenAgainAsync(string epoch)
    {
        if (_queue is { } previous)
        {
            _queue = await SubscribeAsync(epoch, _tally).ConfigureAwait(false);
            await previous.UnsubscribeAsync().ConfigureAwait(false);
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(string epoch, Tally tally)
    {
        ChannelMessageQueue queue = await connection.GetSubscriber().SubscribeAsync(keys.ChannelOf(epoch)).ConfigureAwait(false);
        queue.OnMessage(message => OnMessage((byte[])message.Message!, tally));
        return queue;
    }

    private void OnMessage(byte[] message, Tally tally)
    {
        try
        {
            var reader = new MessageReader(message);
            switch (reader.ReadLetter())
            {
                case (byte)'M':
                    string clientId = reader.ReadClientId();
                    messages.Deliver(clientId, reader.Rest.ToArray());
                    return;
                case ForwardedHeartbeats.Letter:
                    heartbeats.Take(ref reader);
                    return;
            }

            while (!reader.IsAtEnd)
            {
                long stamp = reader.ReadNumber();
                publisher.OnReplaced(reader.ReadClientId(), stamp);
                Interlocked.Increment(ref tally.Heard);
            }
        }
        catch (FormatException exception)
        {
            Log.MessageUnreadable(logger, exception);
        }
    }

    /// <summary>Counts what came under one epoch.</summary>
    private sealed class Tally
    {
        public long Heard;

        public long Missed { get; set; }

        public long HeardAtTrouble { get; set; } = -1;
    }
}
