using Microsoft.Extensions.Logging;
using Presence.Redis.Groups;
using Presence.Redis.Publishing;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;
using StackExchange.Redis;

namespace Presence.Redis.Takeover;

/// <summary>This server's lease: it renews it, takes a new epoch when it was lost, and finds out whose clients it is to take over.</summary>
/// <remarks>Thread safety: any thread; one loop does the work.</remarks>
internal sealed class Membership(
    RedisPresenceOptions options,
    IConnectionMultiplexer connection,
    MemberStore store,
    Publisher publisher,
    ShardChecks checks,
    Takeovers takeovers,
    EdgeCallbacks edges,
    GroupHolds holds,
    Amnesty amnesty,
    ServerInbox inbox,
    ServerNames names,
    Troubles troubles,
    TimeProvider timeProvider,
    ILogger logger,
    RedisPresenceMetrics metrics) : IAsyncDisposable
{
    private const string Trouble = "taking part in the cluster";

    /// <summary>How late after a lapse to look: the store's clock and ours tick differently.</summary>
    private static readonly TimeSpan LapseSlack = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly HashSet<string> _ownEpochs = [];
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _epoch = string.Empty;
    private string _version = string.Empty;
    private long _renewedAt;
    private bool _isAway;
    private int _mustPublishAll;
    private Task _running = Task.CompletedTask;
    private Task _looking = Task.CompletedTask;

    /// <summary>Completes when the store first knew this server.</summary>
    public Task Registered => _registered.Task;

    public void Start()
    {
        connection.ConnectionRestored += OnConnectionChanged;
        connection.ConfigurationChanged += OnConnectionChanged;
        _running = Task.Run(() => Loops.KeepAsync(RunAsync, timeProvider, logger, _stopping.Token));
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

    /// <summary>Whether another server lives, to which clients can be handed over.</summary>
    public async Task<bool> HasOthersAsync() => await store.CountLivingAsync().ConfigureAwait(false) > 1;

    /// <summary>Asks the store what this server owes and holds of groups, if an answer may have been lost that said so.</summary>
    public Task AskForGroupsAsync() => _epoch.Length > 0 ? takeovers.AskForEdgesAsync(_epoch) : Task.CompletedTask;

    /// <summary>Stops renewing; what was claimed and not ended is left for another server.</summary>
    /// <param name="handsOver">Whether clients are left as well.</param>
    public async Task LeaveAsync(bool handsOver)
    {
        await StopAsync().ConfigureAwait(false);
        if (_epoch.Length > 0)
        {
            publisher.Stop(_epoch);
            bool isUnfinished = await takeovers.StopAsync().ConfigureAwait(false);
            if (edges.HasUnsettled || (holds.HasAny && !handsOver))
            {
                isUnfinished = true;
                Log.GroupsLeft(logger);
            }

            await store.LeaveAsync(_epoch, isUnfinished || handsOver).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await takeovers.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _wake.Dispose();
    }

    private async Task StopAsync()
    {
        connection.ConnectionRestored -= OnConnectionChanged;
        connection.ConfigurationChanged -= OnConnectionChanged;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // that there was none to find is known
    }

    private void OnConnectionChanged(object? sender, EventArgs change)
    {
        Volatile.Write(ref _mustPublishAll, 1);
        Wake();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            TimeSpan next;
            try
            {
                next = await RenewAsync().ConfigureAwait(false);
                troubles.Clear(Trouble);
            }
            catch (InvalidOperationException exception) when (!StoreFailure.Is(exception))
            {
                Log.CannotRegister(logger, exception);
                troubles.Report(Trouble, exception);
                _registered.TrySetException(exception);
                _ = _registered.Task.Exception; // it is in the log, whether or not anyone waits
                next = options.Lease;
            }
            catch (Exception exception) // none may end the loop: without it the lease lapses
            {
                OnAway(exception);
                LookForPrimary();
                next = options.Lease / 10;
            }

            await WaitAsync(next, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for its time, or to be woken.</summary>
    private async Task WaitAsync(TimeSpan time, CancellationToken stopping)
    {
        using var waking = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task woken = _wake.WaitAsync(waking.Token);
        await Task.WhenAny(woken, Task.Delay(time, timeProvider, waking.Token)).ConfigureAwait(false);
        await waking.CancelAsync().ConfigureAwait(false);
        await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<TimeSpan> RenewAsync()
    {
        bool mustPublishAll = Interlocked.Exchange(ref _mustPublishAll, 0) == 1;
        Renewal? renewal = _epoch.Length == 0 ? null : await store.RenewAsync(options.Lease, _epoch).ConfigureAwait(false);
        if (renewal is null || publisher.IsStopped || !await checks.RunAsync(_epoch).ConfigureAwait(false))
        {
            renewal = await TakeEpochAsync().ConfigureAwait(false);
            if (renewal is null)
            {
                return options.Lease / 10;
            }
        }
        else if (checks.IsComparable && inbox.HasMissed(checks.Replaced))
        {
            publisher.PublishAll();
            await inbox.ListenAgainAsync(_epoch).ConfigureAwait(false);
        }
        else if (mustPublishAll)
        {
            publisher.PublishAll(); // word of a replacement may have been lost with the connection
        }

        OnRenewed(renewal);
        await LearnAsync(renewal).ConfigureAwait(false);
        await takeovers.AskForEdgesAsync(_epoch).ConfigureAwait(false);
        foreach (string dead in renewal.Duties)
        {
            bool isOwn = _ownEpochs.Contains(dead);
            if (!isOwn || publisher.HasLeft(dead))
            {
                takeovers.Begin(_epoch, dead, isOwn);
            }
        }

        TimeSpan period = options.Lease / 3;
        return renewal.NextLapse is { } lapse && lapse + LapseSlack < period ? TimeSpan.FromTicks(Math.Max(lapse.Ticks, 0)) + LapseSlack : period;
    }

    private async Task LearnAsync(Renewal renewal)
    {
        if (renewal.Version != _version)
        {
            names.Learn(await store.ReadAsync().ConfigureAwait(false));
            _version = renewal.Version;
        }

        if (renewal.IsTurnToLook && await store.AdoptAsync(_epoch).ConfigureAwait(false) is > 0 and int adopted)
        {
            Log.Adopted(logger, adopted);
            Wake(); // they are duties now
        }
    }

    /// <summary>Becomes a new member of the cluster. Its old epoch, if that has not been claimed, becomes its own to clear up.</summary>
    /// <returns>Null if it was lost again at once.</returns>
    private async Task<Renewal?> TakeEpochAsync()
    {
        string old = _epoch;
        if (old.Length > 0)
        {
            publisher.Stop(old);
            takeovers.Abandon();
            metrics.EpochLost();
            Log.EpochLost(logger, old);
        }

        string epoch = await store.RegisterAsync(options.Lease, options.ServerName, old).ConfigureAwait(false);
        _ownEpochs.Add(epoch);
        long registered = timeProvider.GetTimestamp();
        await inbox.ListenAsync(epoch).ConfigureAwait(false);
        if (!await store.TryOpenAsync(epoch, (options.Lease / 2) - timeProvider.GetElapsedTime(registered)).ConfigureAwait(false))
        {
            return null;
        }

        _epoch = epoch;

        // Whoever finds the lease lapsed from here on also finds everything that was written under it.
        Renewal? renewal = await store.RenewAsync(options.Lease, epoch).ConfigureAwait(false);
        if (renewal is not null)
        {
            Log.Registered(logger, options.ServerName, epoch, options.Lease);
            publisher.Use(epoch);
            _registered.TrySetResult();
        }

        return renewal;
    }

    private void OnAway(Exception exception)
    {
        Volatile.Write(ref _mustPublishAll, 1); // what comes back may be a replica that lacks the last writes
        troubles.Report(Trouble, exception);
        if (!_isAway)
        {
            _isAway = true;
            Log.StoreAway(logger, exception, publisher.Waiting);
        }
    }

    /// <summary>Has the connection ask who is primary now: the store may have failed over, and by itself it asks once a minute.</summary>
    private void LookForPrimary()
    {
        if (_looking.IsCompleted)
        {
            _looking = connection.ConfigureAsync();
        }
    }

    private void OnRenewed(Renewal renewal)
    {
        long now = timeProvider.GetTimestamp();
        TimeSpan left = renewal.Amnesty;
        if (_isAway || (_renewedAt != 0 && timeProvider.GetElapsedTime(_renewedAt, now) > options.Lease * 2 / 3))
        {
            _isAway = false;
            left = options.Lease;
            Log.StoreBack(logger, options.Lease);
        }

        amnesty.OnRenewed(left);
        _renewedAt = now;
    }
}
