using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Takeover;
using Presence.Redis.Telemetry;
using StackExchange.Redis;

namespace Presence.Redis.Changes;

/// <summary>What servers publish, for whoever reads it here. The store is asked for it from the first reader on.</summary>
/// <remarks>
/// Messages are numbered by shard, so that one that was lost is missed; then, and when the connection was lost, all streams end
/// with <see cref="ChangesLostException"/>. Thread safety: any thread.
/// </remarks>
internal sealed class ClusterChangeFeed : IAsyncDisposable
{
    private readonly IConnectionMultiplexer _connection;
    private readonly StoreKeys _keys;
    private readonly ServerNames _names;
    private readonly ILogger _logger;
    private readonly long[] _next;
    private readonly SemaphoreSlim _subscribing = new(1, 1);
    private readonly Lock _lock = new();
    private readonly List<ClusterChangeStream> _streams = [];
    private ChannelMessageQueue? _messages;
    private bool _isDisposed;

    public ClusterChangeFeed(IConnectionMultiplexer connection, StoreKeys keys, ServerNames names, ILogger logger)
    {
        (_connection, _keys, _names, _logger) = (connection, keys, names, logger);
        _next = new long[keys.Shards];
        Array.Fill(_next, -1);
        connection.ConnectionFailed += OnConnectionFailed;
    }

    /// <summary>Starts a stream, which has every change from when the task completes.</summary>
    public async Task<IAsyncEnumerable<ClusterChange>> ReadAsync(PresenceChanges kinds, int capacity, CancellationToken cancellationToken)
    {
        await SubscribeAsync(cancellationToken).ConfigureAwait(false);
        var stream = new ClusterChangeStream(this, kinds, capacity);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisPresenceCluster));
            _streams.Add(stream);
        }

        return stream;
    }

    public void Remove(ClusterChangeStream stream)
    {
        lock (_lock)
        {
            _streams.Remove(stream);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.ConnectionFailed -= OnConnectionFailed;
        ClusterChangeStream[] streams;
        lock (_lock)
        {
            _isDisposed = true;
            streams = [.. _streams];
            _streams.Clear();
        }

        Array.ForEach(streams, stream => stream.Complete());
        if (_messages is { } messages)
        {
            await messages.UnsubscribeAsync().ConfigureAwait(false);
        }

        _subscribing.Dispose();
    }

    /// <summary>Asks the store for changes, unless that was done.</summary>
    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        await _subscribing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_messages is null)
            {
                ChannelMessageQueue messages = await _connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(_keys.Changes)).ConfigureAwait(false);
                messages.OnMessage(message => OnMessageAsync((byte[])message.Message!));
                _messages = messages;
            }
        }
        finally
        {
            _subscribing.Release();
        }
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType == ConnectionType.Subscription)
        {
            Lose();
        }
    }

    private async Task OnMessageAsync(byte[] message)
    {
        try
        {
            if (!IsRead)
            {
                Array.Fill(_next, -1); // messages may be missed while nobody reads
                return;
            }

            List<(ClusterChange Change, string Epoch)> changes = Parse(message, out int shard, out long first);
            if (_next[shard] >= 0 && first != _next[shard])
            {
                Lose();
            }

            _next[shard] = first + changes.Count;
            foreach ((ClusterChange change, string epoch) in changes)
            {
                Write(change with { Server = await _names.OfAsync(epoch).ConfigureAwait(false) });
            }
        }
        catch (FormatException exception)
        {
            Log.MessageUnreadable(_logger, exception);
            Lose();
        }
        catch (Exception exception) when (PresenceStore.IsStoreFailure(exception))
        {
            Lose(); // the name of a server could not be asked for
        }
    }

    private List<(ClusterChange Change, string Epoch)> Parse(byte[] message, out int shard, out long first)
    {
        var reader = new MessageReader(message);
        long number = reader.ReadNumber();
        shard = number < _next.Length ? (int)number : throw new FormatException($"The message is of shard {number} of {_next.Length}.");
        first = reader.ReadNumber();
        var changes = new List<(ClusterChange, string)>();
        while (!reader.IsAtEnd)
        {
            PresenceChanges kind = ChangeLetters.Read(reader.ReadLetter());
            string epoch = reader.ReadWord();
            long token = reader.ReadNumber();
            changes.Add((new ClusterChange { Kind = kind, ClientId = reader.ReadClientId(), Server = string.Empty, FencingToken = token }, epoch));
        }

        return changes;
    }

    private bool IsRead
    {
        get
        {
            lock (_lock)
            {
                return _streams.Count > 0;
            }
        }
    }

    private void Write(in ClusterChange change)
    {
        lock (_lock)
        {
            for (int i = _streams.Count - 1; i >= 0; i--)
            {
                if (!_streams[i].TryWrite(change))
                {
                    _streams.RemoveAt(i);
                }
            }
        }
    }

    private void Lose()
    {
        lock (_lock)
        {
            _streams.ForEach(stream => stream.Lose());
            _streams.Clear();
        }
    }
}
