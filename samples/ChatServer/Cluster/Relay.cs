using System.Text.Json;
using Microsoft.Extensions.Options;
using Presence.Redis;
using StackExchange.Redis;

namespace ChatServer;

/// <summary>
/// Brings what users say to the other servers: to all by the store's pub/sub, to one by the cluster, which knows his server. Each of the two in order from each server, at most once, and lost while the store is away.
/// </summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class Relay(Store store, IPresenceCluster cluster, IOptions<RedisPresenceOptions> options, LogRate rate, ILogger<Relay> logger)
{
    private readonly RedisChannel _channel = RedisChannel.Literal($"{options.Value.KeyPrefix}:messages");
    private readonly ISubscriber _subscriber = store.Connection.GetSubscriber();

    /// <summary>Sends on its way what was said, and waits for nobody.</summary>
    public void Send(string from, string? to, string text) => _ = SendAsync(new RelayedMessage(cluster.ServerName, from, to, text));

    /// <summary>Has what is said on other servers handed on, one after another, from when the task completes.</summary>
    public async Task ReceiveAsync(Action<RelayedMessage> receive)
    {
        ChannelMessageQueue messages = await _subscriber.SubscribeAsync(_channel);
        messages.OnMessage(message =>
        {
            if (Read((byte[])message.Message!) is { } relayed && relayed.Server != cluster.ServerName)
            {
                receive(relayed);
            }
        });
        cluster.OnMessage(message =>
        {
            if (Read(message.Content.Span) is { } relayed)
            {
                receive(relayed);
            }

            return ValueTask.CompletedTask;
        });
    }

    private async Task SendAsync(RelayedMessage message)
    {
        try
        {
            byte[] content = JsonSerializer.SerializeToUtf8Bytes(message, ChatJson.Default.RelayedMessage);
            await (message.To is null ? _subscriber.PublishAsync(_channel, content) : (Task)cluster.SendAsync(message.To, content));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            if (rate.Allows(logger))
            {
                Log.NotRelayed(logger, message.From, exception.Message);
            }
        }
    }

    private RelayedMessage? Read(ReadOnlySpan<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize(message, ChatJson.Default.RelayedMessage);
        }
        catch (JsonException exception)
        {
            if (rate.Allows(logger))
            {
                Log.NotReadable(logger, exception.Message);
            }

            return null;
        }
    }
}
