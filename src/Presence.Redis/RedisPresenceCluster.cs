using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Presence.Redis.Groups;
using Presence.Redis.Messages;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;
using StackExchange.Redis;

namespace Presence.Redis;

/// <summary>Makes a server's tracker part of a cluster, through a store that all its servers share.</summary>
/// <remarks>
/// <para>The tracker works as it does alone. Its joins and ends are published; a session whose client logs in on another server ends here as
/// <see cref="PresenceChanges.Replaced"/>; and the clients of a server that dies end on one of the others as
/// <see cref="PresenceChanges.ServerLost"/>, unless they log in again in time. <c>docs/clustering.md</c> has the guarantees and their limits.</para>
/// <para>Thread safety: every member may be called from any thread, also from a callback.</para>
/// </remarks>
public sealed class RedisPresenceCluster : IPresenceCluster, IAsyncDisposable, IDisposable
{
    private const int MaxMessage = 65_536;

    private readonly PresenceTracker _tracker;
    private readonly RedisPresenceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RedisPresenceMetrics _metrics;
    private readonly Troubles _troubles;
    private readonly ClientMessages _messages;
    private readonly GroupHolds _holds;
    private readonly EdgeCallbacks _edges;
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly TaskCompletionSource<ClusterParts> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDisposed;

    /// <summary>Makes it; <see cref="StartAsync"/> connects it.</summary>
    /// <param name="tracker">This server's tracker, which the host keeps and disposes of, after this object.</param>
    /// <param name="options">How to take part. Copied.</param>
    /// <param name="timeProvider">The clock of waits and of measured durations; null for <see cref="TimeProvider.System"/>.</param>
    /// <param name="logger">Takes the log; null for none.</param>
    /// <param name="meterFactory">Makes the meter named <c>Presence.Redis</c>; null for one of this object's own.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tracker"/> or <paramref name="options"/> is null.</exception>
    /// <exception cref="OptionsValidationException">An option is out of range; the message says which, what it is and what it may be.</exception>
    public RedisPresenceCluster(
        PresenceTracker tracker,
        RedisPresenceOptions options,
        TimeProvider? timeProvider = null,
        ILogger<RedisPresenceCluster>? logger = null,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentNullException.ThrowIfNull(options);
        RedisPresenceOptionsValidator.ThrowIfInvalid(options);
        _tracker = tracker;
        _options = options.Copy();
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<RedisPresenceCluster>.Instance;
        _troubles = new Troubles(_options.Lease / 3, _timeProvider, _logger);
        _metrics = new RedisPresenceMetrics(meterFactory, () => _started.Task.IsCompletedSuccessfully ? _started.Task.Result.Publisher.Waiting : 0, () => _troubles.Count);
        _holds = new GroupHolds(tracker, hasEdges: _options.Shards == 1);
        _edges = new EdgeCallbacks(hasEdges: _options.Shards == 1, _holds, _logger);
        Groups = new ClusterGroups(async cancellationToken =>
        {
            ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
            return (parts.Groups, parts.Names);
        }, _edges);
        _messages = new ClientMessages(tracker, _timeProvider, _logger, _metrics);
    }

    /// <inheritdoc/>
    public string ServerName => _options.ServerName;

    /// <inheritdoc/>
    public IClusterGroups Groups { get; }

    /// <inheritdoc/>
    public ClusterHealth Health
    {
        get
        {
            bool isRegistered = _started.Task.IsCompletedSuccessfully && _started.Task.Result.Membership.Registered.IsCompletedSuccessfully;
            string? reason = _troubles.Describe() ?? (isRegistered ? null : "The store does not know this server yet.");
            return new ClusterHealth { IsHealthy = reason is null, Reason = reason };
        }
    }

    /// <summary>Starts to take part. A store that cannot be reached yet is no error: the tracker works, and its clients are published when it can be.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when changes of the tracker are listened to.</returns>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_started.Task.IsCompleted)
            {
                _started.SetResult(await ConnectAsync(cancellationToken).ConfigureAwait(false));
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Waits until the store first knows this server.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes then.</returns>
    /// <exception cref="InvalidOperationException">The servers in the store use another number of <see cref="RedisPresenceOptions.Shards"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task WhenRegisteredAsync(CancellationToken cancellationToken = default)
    {
        ClusterParts parts = await _started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await parts.Membership.Registered.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<ClusterClient?> FindAsync(string clientId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        return await parts.Sessions.FindAsync(clientId).WaitAsync(cancellationToken).ConfigureAwait(false) is { } session
            ? await parts.Names.DescribeAsync(clientId, session).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, ClusterClient>> FindManyAsync(IEnumerable<string> clientIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clientIds);
        string[] ids = [.. clientIds];
        Array.ForEach(ids, id => ArgumentException.ThrowIfNullOrEmpty(id, nameof(clientIds)));
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        StoredSession?[] found = await parts.Sessions.FindAsync(ids).WaitAsync(cancellationToken).ConfigureAwait(false);
        var clients = new Dictionary<string, ClusterClient>(StringComparer.Ordinal);
        for (int i = 0; i < ids.Length; i++)
        {
            if (found[i] is { } session)
            {
                clients[ids[i]] = await parts.Names.DescribeAsync(ids[i], session).ConfigureAwait(false);
            }
        }

        return clients;
    }

    /// <inheritdoc/>
    public Task<bool> HeartbeatAsync(string clientId, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return _tracker.Heartbeat(clientId) ? Task.FromResult(true) : ForwardAsync(clientId, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> SendAsync(string clientId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxMessage, nameof(content));
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        return await parts.Sessions.SendAsync(clientId, content).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IDisposable OnMessage(Func<ClusterMessage, ValueTask> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return _messages.Register(callback);
    }

    /// <inheritdoc/>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default)
    {
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        return await parts.Sessions.CountAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ClusterClient> ReadClientsAsync(int pageSize = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, 10_000);
        return ReadPagesAsync(pageSize, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClusterServer>> ReadServersAsync(CancellationToken cancellationToken = default)
    {
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ServerRecord> servers = await parts.Members.ReadAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. servers.Select(server => new ClusterServer { Name = server.Name, Epoch = server.Epoch, IsLost = server.IsDead })];
    }

    /// <inheritdoc/>
    public async Task<IAsyncEnumerable<ClusterChange>> ReadChangesAsync(PresenceChanges kinds, int capacity = 10_000, CancellationToken cancellationToken = default)
    {
        if (kinds == PresenceChanges.None || (kinds & ~ChangeLetters.Published) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(kinds), kinds, $"Name at least one kind of change, and only those of {ChangeLetters.Published}.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        if ((kinds & ChangeLetters.Edges) != 0)
        {
            _edges.ThrowIfNone();
        }

        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        return await parts.Changes.ReadAsync(kinds, capacity, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<long?> WhenPublishedAsync(string clientId, SessionId session, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        Task<ClusterParts> started = StartedAsync(cancellationToken);
        return started.IsCompletedSuccessfully ? PublishedAsync(started.Result) : PublishedLaterAsync(); // a join may wait here: no state machine for each

        Task<long?> PublishedAsync(ClusterParts parts) => parts.Publisher.WhenPublishedAsync(clientId, session, cancellationToken);

        async Task<long?> PublishedLaterAsync() => await PublishedAsync(await started.ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves the cluster: hands this server's clients over to the others (<see cref="RedisPresenceOptions.HandOver"/>), or ends their sessions in the store as
    /// <see cref="PresenceChanges.Shutdown"/>, and waits for that up to a third of the lease. If the store does not learn it, the others take over when the lease
    /// lapses. The tracker is not touched.
    /// </summary>
    /// <returns>A task that completes when all that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (_started.Task.IsCompletedSuccessfully)
            {
                await LeaveAsync(await _started.Task.ConfigureAwait(false)).ConfigureAwait(false);
            }
            else
            {
                _started.SetException(new ObjectDisposedException(nameof(RedisPresenceCluster)));
                _ = _started.Task.Exception; // seen
            }

            _metrics.Dispose();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Does what <see cref="DisposeAsync"/> does, and blocks until it is done.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task<ClusterParts> ConnectAsync(CancellationToken cancellationToken)
    {
        IConnectionMultiplexer connection = _options.Connection ?? await ConnectionMultiplexer.ConnectAsync(PatientCopyOf(_options.Configuration!)).WaitAsync(cancellationToken).ConfigureAwait(false);
        var parts = new ClusterParts(_tracker, _options, connection, _messages, _holds, _edges, _troubles, _timeProvider, _logger, _metrics);
        parts.Start();
        return parts;
    }

    /// <summary>A server whose store is away must start as well.</summary>
    private static ConfigurationOptions PatientCopyOf(ConfigurationOptions configuration)
    {
        ConfigurationOptions copy = configuration.Clone();
        copy.AbortOnConnectFail = false;
        return copy;
    }

    private async Task LeaveAsync(ClusterParts parts)
    {
        TimeSpan timeout = _options.Lease / 3;
        using var patience = new CancellationTokenSource(timeout, _timeProvider);
        try
        {
            bool handsOver = _options.HandOver && (parts.Publisher.HasClients || _holds.HasAny) && await parts.Membership.HasOthersAsync().WaitAsync(patience.Token).ConfigureAwait(false);
            if (!handsOver)
            {
                _holds.Close(); // nobody comes back any more
            }

            await parts.Publisher.LeaveAsync(endsAll: !handsOver, patience.Token).ConfigureAwait(false);
            await parts.Membership.AskForGroupsAsync().WaitAsync(patience.Token).ConfigureAwait(false);
            await FinishGroupsAsync(handsOver, timeout * 2 / 3).ConfigureAwait(false);
            await parts.Membership.LeaveAsync(handsOver).WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreFailure.Is(exception) || exception is OperationCanceledException)
        {
            Log.ShutdownUnknown(_logger, exception, timeout);
        }

        // A store that is away must hold up nobody's shutdown: what waits for it ends by itself, when its calls do.
        await parts.DisposeAsync().AsTask().WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Waits for what is to be done for groups. What is not by then is another server's.</summary>
    private async Task FinishGroupsAsync(bool handsOver, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout, _timeProvider);
        await (handsOver ? Task.CompletedTask : _holds.WhenNoneAsync(patience.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _edges.WhenSettledAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> ForwardAsync(string clientId, CancellationToken cancellationToken)
    {
        await WhenRegisteredAsync(cancellationToken).ConfigureAwait(false); // before that the store's clock is not known
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        return await parts.Forwarder.ForwardAsync(clientId).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<ClusterParts> StartedAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return _started.Task.WaitAsync(cancellationToken);
    }

    private async IAsyncEnumerable<ClusterClient> ReadPagesAsync(int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ClusterParts parts = await StartedAsync(cancellationToken).ConfigureAwait(false);
        for (int shard = 0; shard < _options.Shards; shard++)
        {
            await foreach (HashEntry entry in parts.Sessions.ScanAsync(shard, pageSize).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                yield return await parts.Names.DescribeAsync(StoredClientId.Read((byte[])entry.Name!), StoredSession.Parse(entry.Value!)).ConfigureAwait(false);
            }
        }
    }
}
