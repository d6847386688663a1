using Microsoft.Extensions.Logging;
using Presence.Redis.Groups;
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
    private readonly PresenceTracker _tracker;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly PublishedClients _clients;
    private readonly Outstanding _outstanding = new();
    private readonly EpochGate _gate = new();
    private readonly Lane[] _lanes;
    private readonly TrackerChanges _changes;
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _reading = Task.CompletedTask;
    private Task _running = Task.CompletedTask;

    public Publisher(
        PresenceTracker tracker, SessionStore store, StoreClock clock, GroupHolds holds, PublishedStates states, Troubles troubles, TimeProvider timeProvider, ILogger logger, RedisPresenceMetrics metrics, Action onEpochLost)
    {
        (_tracker, _timeProvider, _logger) = (tracker, timeProvider, logger);
        _clients = new PublishedClients(store.Keys);
        _changes = new TrackerChanges(tracker, _clients, holds, states, Queue, timeProvider);
        var services = new LaneServices(store, clock, _clients, _outstanding, _gate, holds, troubles, metrics, timeProvider, logger, OnEpochLost, EndReplaced);
        _lanes = [.. Enumerable.Range(0, store.Keys.Shards).Select(shard => new Lane(shard, services))];

        void OnEpochLost(string epoch)
        {
            _gate.Close(epoch);
            onEpochLost();
        }
    }

    /// <summary>Changes that are not in the store yet.</summary>
    public long Waiting => _outstanding.Count;

    /// <summary>Whether it waits for an epoch to publish under.</summary>
    public bool IsStopped => _gate.IsClosed;

    /// <summary>Whether anybody is online here.</summary>
    public bool HasClients => _tracker.OnlineCount > 0;

    /// <summary>Starts with who is online, and goes on with what happens from now on.</summary>
    public void Start()
    {
        // It is read without waiting for the store, so however large it may be, little is in it; and as it can't be full, no change is lost.
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(_changes.Taken, capacity: int.MaxValue);
        long now = _timeProvider.GetTimestamp();
        foreach (ClientStatus status in _tracker.Snapshot())
        {
            _changes.Join(status.ClientId, status.Session, status.State, now, GroupList.Of(_tracker.Groups.GroupsOf(status.Session)));
        }

        _reading = Task.Run(() => ReadAsync(changes));
        _running = Task.WhenAll(_lanes.Select(lane => Task.Run(() => Loops.KeepAsync(lane.RunAsync, _timeProvider, _logger, _stopping.Token))));
    }

    /// <summary>Sets the epoch to publish under, and publishes everyone anew.</summary>
    public void Use(string epoch)
    {
        _gate.Open(epoch);
        PublishAll();
    }

    /// <summary>Publishes nothing more under an epoch that was lost.</summary>
    public void Stop(string epoch) => _gate.Close(epoch);

    /// <summary>The last batch in a shard that the store answered under an epoch.</summary>
    public long AnsweredUnder(string epoch, int shard) => _lanes[shard].Numbers.AnsweredUnder(epoch);

    /// <summary>Publishes everyone anew, as when messages to this server may have been lost.</summary>
    public void PublishAll()
    {
        foreach (PublishedClient client in _clients)
        {
            lock (client)
            {
                client.PublishAgain();
                Queue(client);
            }
        }
    }

    /// <summary>Whether everything that the store may have had under an epoch has been published under a later one.</summary>
    public bool HasLeft(string epoch) => _clients.All(client => !PublishedEpochs.Has(client.Epochs, epoch));

    /// <summary>Takes in that a session was replaced on another server.</summary>
    public void OnReplaced(string clientId, long stamp)
    {
        if (_clients.Find(clientId) is not { } client)
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

    public Task<long?> WhenPublishedAsync(string clientId, SessionId session, CancellationToken cancellationToken)
    {
        while (true)
        {
            PublishedClient client = _clients.FindOrAdd(clientId);
            lock (client)
            {
                if (client.IsRemoved)
                {
                    continue;
                }

                if (IsOnline(clientId, session)) // so that we shall be told when it ends
                {
                    return client.WhenPublished(session, cancellationToken);
                }

                _clients.ForgetIfDone(client);
                return Task.FromResult<long?>(null);
            }
        }
    }

    /// <summary>Takes no more changes of the tracker, and waits until the store has those that there were.</summary>
    /// <param name="endsAll">Whether what is still online here ends as a shutdown.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task LeaveAsync(bool endsAll, CancellationToken cancellationToken)
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        foreach (PublishedClient client in _clients)
        {
            lock (client)
            {
                if (endsAll)
                {
                    client.End(client.Session, PresenceChanges.Shutdown);
                }

                Queue(client);
                _clients.ForgetIfDone(client);
            }
        }

        await _outstanding.WhenNoneAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (PublishedClient client in _clients)
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
                _changes.Take(change);
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // What is online here is ended now, or handed over, whatever comes.
        }
        catch (Exception exception)
        {
            Log.LoopFailed(_logger, exception);
        }
    }

    private void Queue(PublishedClient client) => _lanes[client.Shard].Queue(client);

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
}
