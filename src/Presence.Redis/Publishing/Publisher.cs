using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Publishing;

/// <summary>Brings what happens in this server's tracker to the store: the last change of each client, in batches.</summary>
/// <remarks>
/// <para>It remembers the clients that are online here and those that the store may still have of this server, and nothing else: while the store is away,
/// memory is bounded by those who were online when it went and those who are now.</para>
/// <para>Thread safety: any thread.</para>
/// </remarks>
internal sealed class Publisher : IAsyncDisposable
{
    private const int MaxBatch = 256;
    private const int MaxBatchesUnderWay = 4;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly PresenceTracker _tracker;
    private readonly PresenceStore _store;
    private readonly StoreClock _clock;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RedisPresenceMetrics _metrics;
    private readonly ConcurrentDictionary<string, PublishedClient> _clients = new(StringComparer.Ordinal);
    private readonly Lane[] _lanes;
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action _onEpochLost;
    private readonly Lock _epochChanging = new();
    private TaskCompletionSource<string> _epoch = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waiting;
    private TaskCompletionSource? _idle;
    private Task _reading = Task.CompletedTask;
    private Task _running = Task.CompletedTask;

    public Publisher(PresenceTracker tracker, PresenceStore store, StoreClock clock, TimeProvider timeProvider, ILogger logger, RedisPresenceMetrics metrics, Action onEpochLost)
    {
        (_tracker, _store, _clock, _timeProvider, _logger, _metrics, _onEpochLost) = (tracker, store, clock, timeProvider, logger, metrics, onEpochLost);
        _lanes = [.. Enumerable.Range(0, store.Keys.Shards).Select(shard => new Lane(shard))];
    }

    /// <summary>Changes that are not in the store yet.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Whether it waits for an epoch to publish under.</summary>
    public bool IsStopped => !Volatile.Read(ref _epoch).Task.IsCompleted;

    /// <summary>Starts with who is online, and goes on with what happens from now on.</summary>
    public void Start()
    {
        // It is read without waiting for the store, so however large it may be, little is in it; and as it can't be full, no change is lost.
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(PresenceChanges.Joined | PresenceChanges.Ended, capacity: int.MaxValue);
        long now = _timeProvider.GetTimestamp();
        foreach (ClientStatus status in _tracker.Snapshot())
        {
            Join(status.ClientId, status.Session, now);
        }

        _reading = Task.Run(() => ReadAsync(changes));
        _running = Task.WhenAll(_lanes.Select(lane => Task.Run(() => RunAsync(lane))));
    }

    /// <summary>Sets the epoch to publish under, and publishes everyone anew.</summary>
    public void Use(string epoch)
    {
        lock (_epochChanging)
        {
            if (!_epoch.TrySetResult(epoch))
            {
                _epoch = new TaskCompletionSource<string>();
                _epoch.SetResult(epoch);
            }
        }

        PublishAll();
    }

    /// <summary>Publishes nothing more under an epoch that was lost.</summary>
    public void Stop(string epoch)
    {
        lock (_epochChanging)
        {
            if (_epoch.Task.IsCompletedSuccessfully && _epoch.Task.Result == epoch)
            {
                _epoch = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Has the store tell whether it still has everything that it answered.</summary>
    public async Task<bool> IsKnownAsync(string epoch)
    {
        foreach (Lane lane in _lanes)
        {
            if (await _store.PublishAsync(lane.Shard, epoch, batch: 0, lane.AnsweredUnder(epoch), []).ConfigureAwait(false) is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Publishes everyone anew, as when messages to this server may have been lost.</summary>
    public void PublishAll()
    {
        foreach ((_, PublishedClient client) in _clients)
        {
            lock (client)
            {
                client.PublishAgain();
                Queue(client);
            }
        }
    }

    /// <summary>Whether everything that the store may have had under an epoch has been published under a later one.</summary>
    public bool HasLeft(string epoch) => _clients.Values.All(client => client.Epoch != epoch);

    /// <summary>Takes in that sessions were replaced on other servers.</summary>
    public void OnReplaced(string clientId, long stamp)
    {
        if (!_clients.TryGetValue(clientId, out PublishedClient? client))
        {
            return;
        }

        SessionId replaced;
        lock (client)
        {
            replaced = client.OnReplaced(stamp);
        }

        EndReplaced(replaced);
    }

    public Task<long?> WhenPublishedAsync(string clientId, SessionId session)
    {
        while (true)
        {
            PublishedClient client = FindOrAdd(clientId);
            lock (client)
            {
                if (client.IsRemoved)
                {
                    continue;
                }

                if (IsOnline(clientId, session)) // so that we shall be told when it ends
                {
                    return client.WhenPublished(session);
                }

                ForgetIfDone(client);
                return Task.FromResult<long?>(null);
            }
        }
    }

    /// <summary>Ends what is still online here as a shutdown, and waits until the store knows.</summary>
    public async Task EndAllAsync(CancellationToken cancellationToken)
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        foreach ((_, PublishedClient client) in _clients)
        {
            lock (client)
            {
                client.End(client.Session, PresenceChanges.Shutdown);
                Queue(client);
                ForgetIfDone(client);
            }
        }

        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _idle, idle);
        if (Waiting == 0)
        {
            return;
        }

        await idle.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach ((_, PublishedClient client) in _clients)
        {
            lock (client)
            {
                client.GiveUpAll();
            }
        }

        _leaving.Dispose();
        _stopping.Dispose();
    }

    private bool IsOnline(string clientId, SessionId session) =>
        _tracker.TryGetClient(clientId, out ClientStatus status) && status.Session == session;

    private async Task ReadAsync(IAsyncEnumerable<PresenceChange> changes)
    {
        try
        {
            await foreach (PresenceChange change in changes.WithCancellation(_leaving.Token).ConfigureAwait(false))
            {
                if (change.Kind == PresenceChanges.Joined)
                {
                    Join(change.ClientId, change.Session, _timeProvider.GetTimestamp());
                }
                else
                {
                    End(change.ClientId, change.Session, change.Kind);
                }
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // What is online here is ended now, whatever comes.
        }
    }

    private void Join(string clientId, SessionId session, long now)
    {
        while (true)
        {
            PublishedClient client = FindOrAdd(clientId);
            lock (client)
            {
                if (client.IsRemoved)
                {
                    continue;
                }

                if (!client.IsOnline || client.Session != session)
                {
                    client.Join(session, now);
                    Queue(client);
                }

                return;
            }
        }
    }

    private void End(string clientId, SessionId session, PresenceChanges kind)
    {
        if (_clients.TryGetValue(clientId, out PublishedClient? client))
        {
            lock (client)
            {
                client.End(session, kind);
                Queue(client);
                ForgetIfDone(client);
            }
        }
    }

    private PublishedClient FindOrAdd(string clientId) =>
        _clients.TryGetValue(clientId, out PublishedClient? client) ? client : _clients.GetOrAdd(clientId, new PublishedClient(clientId, _store.Keys.ShardOf(clientId)));

    private void ForgetIfDone(PublishedClient client)
    {
        if (client.IsForgettable)
        {
            client.IsRemoved = true;
            _clients.TryRemove(KeyValuePair.Create(client.ClientId, client));
        }
    }

    private void Queue(PublishedClient client)
    {
        if (client.TryQueue())
        {
            Interlocked.Increment(ref _waiting);
            _lanes[client.Shard].Queue.Writer.TryWrite(client);
        }
    }

    private void EndReplaced(SessionId session)
    {
        if (session == SessionId.None)
        {
            return;
        }

        try
        {
            _tracker.EndReplaced(session);
        }
        catch (ObjectDisposedException)
        {
            // The tracker has ended it itself.
        }
    }

    private async Task RunAsync(Lane lane)
    {
        CancellationToken stopping = _stopping.Token;
        while (await lane.Queue.Reader.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            await lane.Free.WaitAsync(stopping).ConfigureAwait(false);
            string epoch = await Volatile.Read(ref _epoch).Task.WaitAsync(stopping).ConfigureAwait(false);
            Batch batch = Take(lane, epoch);
            if (batch.Clients.Count == 0)
            {
                lane.Free.Release();
            }
            else
            {
                _ = SendAsync(lane, batch);
            }
        }
    }

    private Batch Take(Lane lane, string epoch)
    {
        Batch batch = lane.NextBatch(epoch);
        while (batch.Clients.Count < MaxBatch && lane.Queue.Reader.TryRead(out PublishedClient? client))
        {
            lock (client)
            {
                if (client.TrySend(epoch, _clock, out PublishedOperation operation))
                {
                    batch.Clients.Add(client);
                    batch.Operations.Add(operation);
                }
                else
                {
                    ForgetIfDone(client);
                    OnDone();
                }
            }
        }

        return batch;
    }

    private async Task SendAsync(Lane lane, Batch batch)
    {
        PublishedResult[]? results = null;
        try
        {
            results = await _store.PublishAsync(lane.Shard, batch.Epoch, batch.Number, batch.Answered, batch.Operations).ConfigureAwait(false);
            if (results is null)
            {
                Stop(batch.Epoch);
                _onEpochLost();
            }
            else
            {
                lane.OnAnswered(batch);
            }
        }
        catch (Exception exception) when (PresenceStore.IsStoreFailure(exception))
        {
            _metrics.PublishFailed();
            Log.PublishFailed(_logger, exception, batch.Clients.Count);
            await Task.Delay(RetryDelay, _timeProvider).ConfigureAwait(false); // the store says nothing when it is back, but to the connection
        }
        finally
        {
            Finish(batch, results);
            lane.Free.Release();
        }
    }

    private void Finish(Batch batch, PublishedResult[]? results)
    {
        for (int i = 0; i < batch.Clients.Count; i++)
        {
            PublishedClient client = batch.Clients[i];
            SessionId replaced = SessionId.None;
            lock (client)
            {
                if (results is null)
                {
                    client.OnUnanswered();
                }
                else
                {
                    replaced = client.OnAnswered(batch.Operations[i], batch.Epoch, results[i]);
                }

                Queue(client);
                ForgetIfDone(client);
            }

            OnDone();
            EndReplaced(replaced);
        }
    }

    private void OnDone()
    {
        if (Interlocked.Decrement(ref _waiting) == 0)
        {
            Volatile.Read(ref _idle)?.TrySetResult();
        }
    }

    /// <summary>The way to one shard.</summary>
    private sealed class Lane(int shard)
    {
        private readonly Lock _lock = new();
        private string _epoch = string.Empty;
        private long _sent;
        private long _answered;

        public int Shard => shard;

        public Channel<PublishedClient> Queue { get; } = Channel.CreateUnbounded<PublishedClient>(); // with one reader it would not tell its count

        public SemaphoreSlim Free { get; } = new(MaxBatchesUnderWay);

        public Batch NextBatch(string epoch)
        {
            lock (_lock)
            {
                if (_epoch != epoch)
                {
                    (_epoch, _sent, _answered) = (epoch, 0, 0);
                }

                return new Batch(epoch, ++_sent, _answered, Capacity: Math.Min(Queue.Reader.Count, MaxBatch));
            }
        }

        public long AnsweredUnder(string epoch)
        {
            lock (_lock)
            {
                return _epoch == epoch ? _answered : 0;
            }
        }

        public void OnAnswered(Batch batch)
        {
            lock (_lock)
            {
                if (_epoch == batch.Epoch)
                {
                    _answered = Math.Max(_answered, batch.Number);
                }
            }
        }
    }

    /// <summary>Operations for one shard, one per client.</summary>
    private sealed record Batch(string Epoch, long Number, long Answered, int Capacity)
    {
        public List<PublishedClient> Clients { get; } = new(Capacity);

        public List<PublishedOperation> Operations { get; } = new(Capacity);
    }
}
