using Microsoft.Extensions.Logging;
using Presence.Redis.Publishing;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;
using StackExchange.Redis;

namespace Presence.Redis.Takeover;

/// <summary>This server's lease: it renews it, takes a new epoch when it was lost, and finds out whose clients it is to take over.</summary>
/// <remarks>Thread safety: any thread; one loop does the work.</remarks>
internal sealed class Membership : IAsyncDisposable
{
    /// <summary>How late after a lapse to look: the store's clock and ours tick differently.</summary>
    private static readonly TimeSpan LapseSlack = TimeSpan.FromMilliseconds(10);

    private readonly RedisPresenceOptions _options;
    private readonly IConnectionMultiplexer _connection;
    private readonly PresenceStore _store;
    private readonly Publisher _publisher;
    private readonly Takeovers _takeovers;
    private readonly ServerNames _names;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RedisPresenceMetrics _metrics;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly HashSet<string> _ownEpochs = [];
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChannelMessageQueue? _messages;
    private string _epoch = string.Empty;
    private long _renewedAt;
    private bool _isAway;
    private int _mustCheck;
    private Task _running = Task.CompletedTask;
    private Task _looking = Task.CompletedTask;

    public Membership(
        RedisPresenceOptions options,
        IConnectionMultiplexer connection,
        PresenceStore store,
        Publisher publisher,
        Takeovers takeovers,
        ServerNames names,
        TimeProvider timeProvider,
        ILogger logger,
        RedisPresenceMetrics metrics)
    {
        (_options, _connection, _store, _publisher, _takeovers) = (options, connection, store, publisher, takeovers);
        (_names, _timeProvider, _logger, _metrics) = (names, timeProvider, logger, metrics);
    }

    /// <summary>Completes when the store first knew this server.</summary>
    public Task Registered => _registered.Task;

    public void Start()
    {
        _connection.ConnectionRestored += OnConnectionChanged;
        _connection.ConfigurationChanged += OnConnectionChanged;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Has the loop look now.</summary>
    public void Wake()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    /// <summary>Stops renewing; what was claimed and not ended is left for another server.</summary>
    public async Task LeaveAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_epoch.Length > 0)
        {
            await _store.LeaveAsync(_epoch, await _takeovers.StopAsync().ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _takeovers.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _wake.Dispose();
    }

    private async Task StopAsync()
    {
        _connection.ConnectionRestored -= OnConnectionChanged;
        _connection.ConfigurationChanged -= OnConnectionChanged;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // that there was none to find is known
    }

    private void OnConnectionChanged(object? sender, EventArgs connection)
    {
        Volatile.Write(ref _mustCheck, 1);
        Wake();
    }

    private async Task RunAsync()
    {
        CancellationToken stopping = _stopping.Token;
        while (!stopping.IsCancellationRequested)
        {
            TimeSpan next;
            try
            {
                next = await RenewAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (PresenceStore.IsStoreFailure(exception))
            {
                OnAway(exception);
                LookForPrimary();
                next = _options.Lease / 10;
            }
            catch (InvalidOperationException exception)
            {
                Log.CannotRegister(_logger, exception);
                _registered.TrySetException(exception);
                _ = _registered.Task.Exception; // it is in the log, whether or not anyone waits
                next = _options.Lease;
            }

            await WaitAsync(next, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for its time, or to be woken.</summary>
    private async Task WaitAsync(TimeSpan time, CancellationToken stopping)
    {
        using var waking = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task woken = _wake.WaitAsync(waking.Token);
        await Task.WhenAny(woken, Task.Delay(time, _timeProvider, waking.Token)).ConfigureAwait(false);
        await waking.CancelAsync().ConfigureAwait(false);
        await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<TimeSpan> RenewAsync()
    {
        bool mustCheck = Interlocked.Exchange(ref _mustCheck, 0) == 1;
        Renewal? renewal = _epoch.Length == 0 ? null : await _store.RenewAsync(_options.Lease, _epoch).ConfigureAwait(false);
        bool isKnown = renewal is not null && !_publisher.IsStopped && (!mustCheck || await _publisher.IsKnownAsync(_epoch).ConfigureAwait(false));
        if (!isKnown)
        {
            renewal = await TakeEpochAsync().ConfigureAwait(false);
            if (renewal is null)
            {
                return _options.Lease / 10;
            }
        }
        else if (mustCheck)
        {
            _publisher.PublishAll(); // word of a replacement may have been lost with the connection
        }

        OnRenewed();
        _names.Learn(renewal!.Servers);
        foreach (string dead in renewal.Duties)
        {
            bool isOwn = _ownEpochs.Contains(dead);
            if (!isOwn || _publisher.HasLeft(dead))
            {
                _takeovers.Begin(_epoch, dead, isOwn);
            }
        }

        TimeSpan period = _options.Lease / 3;
        return renewal.NextLapse is { } lapse && lapse + LapseSlack < period ? lapse + LapseSlack : period;
    }

    /// <summary>Becomes a new member of the cluster. Its old epoch, if that has not been claimed, becomes its own to clear up.</summary>
    /// <returns>Null if it was lost again at once.</returns>
    private async Task<Renewal?> TakeEpochAsync()
    {
        string old = _epoch;
        if (old.Length > 0)
        {
            _publisher.Stop(old);
            _takeovers.Abandon();
            _metrics.EpochLost();
            Log.EpochLost(_logger, old);
        }

        string epoch = await _store.RegisterAsync(_options.Lease, _options.ServerName, old).ConfigureAwait(false);
        await ListenAsync(epoch).ConfigureAwait(false);
        await _store.OpenAsync(epoch).ConfigureAwait(false);
        _epoch = epoch;
        _ownEpochs.Add(epoch);

        // Whoever finds the lease lapsed from here on also finds everything that was written under it.
        Renewal? renewal = await _store.RenewAsync(_options.Lease, epoch).ConfigureAwait(false);
        if (renewal is not null)
        {
            Log.Registered(_logger, _options.ServerName, epoch, _options.Lease);
            _publisher.Use(epoch);
            _registered.TrySetResult();
        }

        return renewal;
    }

    /// <summary>Listens for word that sessions were replaced elsewhere.</summary>
    private async Task ListenAsync(string epoch)
    {
        ISubscriber subscriber = _connection.GetSubscriber();
        ChannelMessageQueue messages = await subscriber.SubscribeAsync(_store.Keys.ChannelOf(epoch)).ConfigureAwait(false);
        messages.OnMessage(message => OnReplaced((byte[])message.Message!));
        if (_messages is { } previous)
        {
            await previous.UnsubscribeAsync().ConfigureAwait(false);
        }

        _messages = messages;
    }

    private void OnReplaced(byte[] message)
    {
        try
        {
            var reader = new MessageReader(message);
            while (!reader.IsAtEnd)
            {
                long stamp = reader.ReadNumber();
                _publisher.OnReplaced(reader.ReadClientId(), stamp);
            }
        }
        catch (FormatException exception)
        {
            Log.MessageUnreadable(_logger, exception);
        }
    }

    private void OnAway(Exception exception)
    {
        Volatile.Write(ref _mustCheck, 1); // what comes back may be a replica that lacks the last writes
        if (!_isAway)
        {
            _isAway = true;
            Log.StoreAway(_logger, exception, _publisher.Waiting);
        }
    }

    /// <summary>Has the connection ask who is primary now: the store may have failed over, and by itself it asks once a minute.</summary>
    private void LookForPrimary()
    {
        if (_looking.IsCompleted)
        {
            _looking = _connection.ConfigureAsync();
        }
    }

    private void OnRenewed()
    {
        long now = _timeProvider.GetTimestamp();
        if (_isAway || (_renewedAt != 0 && _timeProvider.GetElapsedTime(_renewedAt, now) > _options.Lease * 2 / 3))
        {
            _isAway = false;
            _takeovers.HoldVerdicts(_options.Lease);
            Log.StoreBack(_logger, _options.Lease);
        }

        _renewedAt = now;
    }
}
