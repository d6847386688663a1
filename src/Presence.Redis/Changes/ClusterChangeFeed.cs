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
    private const string HowToGoOn = " Start to read anew, then read who is online.";

    private readonly IConnectionMultiplexer _connection;
    private readonly StoreKeys _keys;
    private readonly ServerNames _names;
    private readonly ILogger _logger;
    private readonly long[] _next;
    private readonly long[] _toldBefore;
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
        _toldBefore = new long[keys.Shards];
        connection.ConnectionFailed += OnConnectionChanged;
        connection.ConnectionRestored += OnConnectionChanged;
    }

    /// <summary>Starts a stream, which has every change from when the task completes.</summary>
    public async Task<IAsyncEnumerable<ClusterChange>> ReadAsync(PresenceChanges kinds, int capacity, CancellationToken cancellationToken)
    {
        var stream = new ClusterChangeStream(this, kinds, capacity);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisPresenceCluster));
            _streams.Add(stream); // before anything is asked for, so that it ends if the connection is lost meanwhile
        }

        try
        {
            await SubscribeAsync(cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            Remove(stream);
            throw;
        }
    }

    public void Remove(ClusterChangeStream stream)
    {
        lock (_lock)
        {
            _streams.Remove(stream);
        }
    }

    /// <summary>Takes in how many changes a shard has told. What it had told by the last time must have come by now: else it is lost, though no later message says so.</summary>
    public void OnChecked(int shard, long told)
    {
        long before = _toldBefore[shard];
        _toldBefore[shard] = told;
        long next = Volatile.Read(ref _next[shard]);
        if (next >= 0 && next < before)
        {
            Volatile.Write(ref _next[shard], -1);
            Lose("Messages of the store did not come, so changes are lost.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.ConnectionFailed -= OnConnectionChanged;
        _connection.ConnectionRestored -= OnConnectionChanged;
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
                ChannelMessageQueue messages = await _connection.GetSubscriber().SubscribeAsync(_keys.ChangesChannel).ConfigureAwait(false);
                messages.OnMessage(message => OnMessageAsync((byte[])message.Message!));
                _messages = messages;
            }

            await _connection.GetSubscriber().PingAsync().ConfigureAwait(false); // that it is subscribed does not say that it is connected
        }
        finally
        {
            _subscribing.Release();
        }
    }

    /// <summary>Between the loss of the connection and when the subscription stands again, messages go past us.</summary>
    private void OnConnectionChanged(object? sender, ConnectionFailedEventArgs connection)
    {
        if (connection.ConnectionType == ConnectionType.Subscription)
        {
            Lose("The connection to the store was lost, so changes may be lost.");
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
                Lose("Messages of the store are missing, so changes are lost.");
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
            Lose("A message of the store could not be read, so changes are lost.");
        }
        catch (Exception exception) when (StoreFailure.Is(exception))
        {
            Lose("The name of a server could not be asked for, so changes are lost.");
        }
    }

    private List<(ClusterChange Change, string Epoch)> Parse(byte[] message, out int shard, out long first)
    {
        var reader = new MessageReader(message);
        long number = reader.ReadNumber();
        shard = number < _next.Length ? (int)number : throw new FormatException($"The message is of shard {number} of {_next.Length}.");
        first = reader.ReadNumber();
        var changes = new List<(ClusterChange, string)>();
        (string joinEpoch, long joinToken) = (string.Empty, 0);
        while (!reader.IsAtEnd)
        {
            byte letter = reader.ReadLetter();
            PresenceChanges kind = letter == ChangeLetters.NextJoined ? PresenceChanges.Joined : ChangeLetters.Read(letter);
            (string epoch, long token) = letter == ChangeLetters.NextJoined ? (joinEpoch, joinToken + 1) : (reader.ReadWord(), reader.ReadNumber());
            if (kind == PresenceChanges.Joined)
            {
                (joinEpoch, joinToken) = (epoch, token);
            }

            string name = reader.ReadClientId();
            bool isEdge = (kind & ChangeLetters.Edges) != 0;
            changes.Add((new ClusterChange { Kind = kind, ClientId = isEdge ? string.Empty : name, Server = string.Empty, FencingToken = token, Group = isEdge ? name : null }, epoch));
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

    private void Lose(string reason)
    {
        lock (_lock)
        {
            _streams.ForEach(stream => stream.Lose(new ChangesLostException(reason + HowToGoOn)));
            _streams.Clear();
        }
    }
}
