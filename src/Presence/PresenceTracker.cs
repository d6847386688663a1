using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Presence.Changes;
using Presence.Engine;
using Presence.Groups;
using Presence.Guards;
using Presence.Telemetry;
using Presence.Ticks;
using Presence.Watch;

namespace Presence;

/// <summary>The tracker: heartbeats and ticks without locks, joins and ends in one order for each client id.</summary>
/// <remarks>
/// <para>A heartbeat never blocks and never allocates; a tick reads 8 bytes per client. <c>docs/design.md</c> says how.</para>
/// <para>Hold a tracker until it is disposed. Nothing of the runtime's keeps one that nobody holds: it judges no more and is collected.</para>
/// <para>Thread safety: every member may be called from any thread, also from a callback.</para>
/// </remarks>
public sealed class PresenceTracker : IPresenceTracker, IAsyncDisposable, IDisposable
{
    private const PresenceChanges Watched = PresenceChanges.Joined | PresenceChanges.Updated | PresenceChanges.Ended;

    private readonly int _expireAfter;
    private readonly TimeSpan _tickInterval;
    private readonly TimeSpan _drainTimeout;
    private readonly TimeProvider _timeProvider;
    private readonly SafeLogger _logger;
    private readonly DeferredLogger _tickLog; // for what is logged under _ticking
    private readonly PresenceMetrics _metrics;
    private readonly HeartbeatCounter _heartbeats;
    private readonly ExpiryPauses _pauses = new();
    private readonly TickGuards _tickGuards;
    private readonly PendingWork _pending = new();
    private readonly FairQueue _queue = new();
    private readonly RunningCallbacks _running;
    private readonly CallbackRunner _runner;
    private readonly ChangeCallbacks _callbacks;
    private readonly ChangeStreams _streams = new();
    private readonly TickTimes _times;
    private readonly SessionTable _table;
    private readonly GroupTable _groups;
    private readonly ClientSessions _sessions;
    private readonly ExpiryJudge _judge;
    private readonly Lock _ticking = new(); // held through a tick: sources may misbehave, and dispose waits for it
    private readonly TickSubscription _ticks;
    private Task? _disposal;

    /// <summary>Makes a tracker, and starts it.</summary>
    /// <param name="options">How to judge; null for the defaults. Copied.</param>
    /// <param name="tickSource">Where ticks come from; null for a <see cref="TimeProviderTickSource"/> of
    /// <see cref="PresenceOptions.TickInterval"/>.</param>
    /// <param name="timeProvider">The clock of the default tick source and of measured durations; null for <see cref="TimeProvider.System"/>.</param>
    /// <param name="logger">Takes the log; null for none.</param>
    /// <param name="meterFactory">Makes the meter named <c>Presence</c>; null for one that all trackers without a factory share.</param>
    /// <param name="name">Tells the tracker's metrics from those of others, as the tag <c>presence.tracker</c> of its meter; null for none. One of few: a meter is kept for each.</param>
    /// <exception cref="OptionsValidationException">An option is out of range; the message says which, what it is and what it may be.</exception>
    public PresenceTracker(
        PresenceOptions? options = null,
        ITickSource? tickSource = null,
        TimeProvider? timeProvider = null,
        ILogger<PresenceTracker>? logger = null,
        IMeterFactory? meterFactory = null,
        string? name = null)
    {
        options ??= new PresenceOptions();
        PresenceOptionsValidator.ThrowIfInvalid(options);
        _expireAfter = options.ExpireAfter;
        _tickInterval = options.TickInterval;
        _drainTimeout = options.CallbackDrainTimeout;
        _timeProvider = SafeTimeProvider.Of(timeProvider, exception => Log.ClockFailed(_logger!, exception));
        _times = new TickTimes(_timeProvider, options.TickInterval);
        _table = new SessionTable(options.Rule, options.ExpireAfter, options.SuspectAfter == 0 ? int.MaxValue : options.SuspectAfter, _times);
        _metrics = new PresenceMetrics(meterFactory, () => _table.Online, logger, name);
        _logger = new SafeLogger(logger ?? NullLogger<PresenceTracker>.Instance, _metrics);
        _tickLog = new DeferredLogger(_logger);
        _heartbeats = _metrics.Heartbeats;
        _tickGuards = new TickGuards(new Amnesty(options.MaxWithheldTicks ?? options.ExpireAfter, options.ExpireAfter + (options.Rule == HeartbeatRule.Reset ? 1 : 2)), _pauses, _tickLog, _metrics);
        _running = new RunningCallbacks(options.CallbackTimeout, _timeProvider, _logger, _metrics);
        _runner = new CallbackRunner(_queue, _running, _logger, _metrics);
        _callbacks = new ChangeCallbacks(_pending, _runner);
        var changes = new ChangeNotifier(_streams, _callbacks);
        _groups = new GroupTable(_table, changes, options.GroupLinger);
        _sessions = new ClientSessions(_table, _groups, changes, _pending, _queue, _metrics);
        Groups = new PresenceGroups(_sessions, _groups, _streams);
        _judge = CreateJudge(options);
        _ticks = TickSubscription.To(tickSource ?? new TimeProviderTickSource(options.TickInterval, _timeProvider), this);
    }

    /// <inheritdoc/>
    public int OnlineCount => (int)_table.Online;

    /// <inheritdoc/>
    public IPresenceGroups Groups { get; }

    /// <inheritdoc/>
    public bool Heartbeat(SessionId session) => _table.TryBeat(session) ? _heartbeats.Accept() : RejectHeartbeat(session);

    /// <inheritdoc/>
    public bool Heartbeat(string clientId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return _sessions.TryBeat(clientId) ? _heartbeats.Accept() : RejectHeartbeat(SessionId.None);
    }

    /// <inheritdoc/>
    public JoinResult Join(string clientId, object? state = null)
    {
        Join(clientId, new JoinTerms { State = state, Limit = _expireAfter, ReplacesAny = true }, out JoinResult result);
        return result;
    }

    /// <inheritdoc/>
    public JoinResult Join(string clientId, JoinOptions? options)
    {
        ThrowIfReplaces(options);
        Join(clientId, TermsOf(options) with { ReplacesAny = true }, out JoinResult result);
        return result;
    }

    /// <inheritdoc/>
    public bool TryJoin(string clientId, out SessionId session, object? state = null)
    {
        bool joined = Join(clientId, new JoinTerms { State = state, Limit = _expireAfter }, out JoinResult result);
        session = result.Session;
        return joined;
    }

    /// <inheritdoc/>
    public bool TryJoin(string clientId, JoinOptions? options, out JoinResult result) => Join(clientId, TermsOf(options), out result);

    /// <inheritdoc/>
    public bool HeartbeatOrJoin(string clientId, out SessionId joined, JoinOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        ThrowIfReplaces(options);
        joined = SessionId.None;
        while (!_sessions.TryBeat(clientId))
        {
            if (Join(clientId, TermsOf(options), out JoinResult result))
            {
                joined = result.Session;
                return true;
            }
        }

        _heartbeats.Accept();
        return false;
    }

    /// <inheritdoc/>
    public bool Leave(string clientId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return _sessions.TryLeave(clientId);
    }

    /// <inheritdoc/>
    public bool Leave(SessionId session)
    {
        _sessions.ThrowIfClosed();
        return _sessions.TryEnd(session, PresenceChanges.Left);
    }

    /// <inheritdoc/>
    public bool SetState(SessionId session, object? state)
    {
        _sessions.ThrowIfClosed();
        return _sessions.TrySetState(session, state);
    }

    /// <inheritdoc/>
    public bool SetExpireAfter(SessionId session, TickSpan expireAfter)
    {
        _sessions.ThrowIfClosed();
        return _sessions.TrySetLimit(session, ToTicks(expireAfter, nameof(expireAfter), "The limit"));
    }

    /// <inheritdoc/>
    public bool ExpireWithin(SessionId session, TickSpan notice)
    {
        _sessions.ThrowIfClosed();
        return _sessions.TryGiveNotice(session, ToTicks(notice, nameof(notice), "The notice"));
    }

    /// <inheritdoc/>
    public bool TryGetClient(string clientId, out ClientStatus status)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        _sessions.ThrowIfClosed();
        return _sessions.TryGet(clientId, out status);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ClientStatus> Snapshot()
    {
        _sessions.ThrowIfClosed();
        return _sessions.Snapshot();
    }

    /// <inheritdoc/>
    public IDisposable OnClientExpired(Func<PresenceChange, ValueTask> callback) =>
        OnChange(PresenceChanges.Expired | PresenceChanges.ServerLost, callback);

    /// <inheritdoc/>
    public IDisposable OnChange(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback)
    {
        ThrowIfInvalid(kinds);
        ArgumentNullException.ThrowIfNull(callback);
        _sessions.ThrowIfClosed();
        return _callbacks.Register(kinds, callback);
    }

    /// <inheritdoc/>
    public IChangeReader ReadChanges(PresenceChanges kinds, int capacity = 10_000)
    {
        ThrowIfInvalid(kinds);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _sessions.ThrowIfClosed();
        return _streams.Read(kinds, capacity);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchEvent> Watch(int capacity = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        return new Watcher(() => _streams.Read(Watched, capacity), _sessions.StartWatch, PresenceChanges.Joined, PresenceChanges.Ended).WatchAsync();
    }

    /// <inheritdoc/>
    public IDisposable AddTickGuard(Func<bool> withholds)
    {
        ArgumentNullException.ThrowIfNull(withholds);
        _sessions.ThrowIfClosed();
        return _tickGuards.Add(withholds);
    }

    /// <inheritdoc/>
    public IDisposable PauseExpiry()
    {
        _sessions.ThrowIfClosed();
        return _pauses.Start();
    }

    /// <summary>Ends one session as <see cref="PresenceChanges.Replaced"/>: for satellites, when its client has joined on another server.</summary>
    /// <param name="session">The session. Any value is safe to pass.</param>
    /// <returns>Whether this call ended the session.</returns>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    public bool EndReplaced(SessionId session)
    {
        _sessions.ThrowIfClosed();
        return _sessions.TryEnd(session, PresenceChanges.Replaced);
    }

    /// <summary>Tells of a session that another server held and lost: for satellites. This tracker's own sessions are not touched.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="fencingToken">See <see cref="PresenceChange.FencingToken"/>.</param>
    /// <returns>A task that completes when every callback that wants <see cref="PresenceChanges.ServerLost"/> has returned or thrown.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    public Task TellServerLostAsync(string clientId, long fencingToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return _sessions.TellServerLost(clientId, fencingToken);
    }

    /// <summary>Waits until no callback is waiting or running, for tests of a host's teardown.</summary>
    /// <param name="cancellationToken">Ends the wait; the callbacks go on.</param>
    /// <returns>A task that completes at the first moment at which everything that has happened has been through its callbacks.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task WhenCallbacksDoneAsync(CancellationToken cancellationToken = default) => _pending.WhenIdle().WaitAsync(cancellationToken);

    /// <summary>
    /// Stops the ticks, ends all sessions without expiry callbacks, and waits up to <see cref="PresenceOptions.CallbackDrainTimeout"/> for the
    /// callbacks of those that had expired before. A second call waits for the first. From inside one of this tracker's callbacks it waits for none, since it would wait for itself.
    /// </summary>
    /// <returns>A task that completes when all that is done.</returns>
    public ValueTask DisposeAsync()
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task disposal = Interlocked.CompareExchange(ref _disposal, drained.Task, null) ?? drained.Task;
        if (disposal == drained.Task)
        {
            End();
            _ = DrainAsync(drained);
        }

        return _runner.IsInside ? ValueTask.CompletedTask : new ValueTask(disposal);
    }

    /// <summary>Does what <see cref="DisposeAsync"/> does, and blocks until it is done.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void End()
    {
        try
        {
            _ticks.Dispose();
        }
        catch (Exception exception)
        {
            Log.TickSourceFailed(_logger, exception); // its ticks count no more anyway
        }

        lock (_ticking)
        {
            _sessions.Close();
            _groups.Close();
        }

        _streams.Complete();
    }

    private async Task DrainAsync(TaskCompletionSource drained)
    {
        try
        {
            await _pending.WhenIdle().WaitAsync(_drainTimeout, _timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.CallbacksAbandoned(_logger, _pending.Count, _drainTimeout);
        }
        finally
        {
            _running.Dispose();
            _metrics.Dispose();
            drained.SetResult();
        }
    }

    private ExpiryJudge CreateJudge(PresenceOptions options)
    {
        var massExpiry = new MassExpiryGuard(options, _tickLog, _metrics);
        ExpiryConfirmations? confirmations = options.ConfirmExpiry is null ? null : new(
            options.ConfirmExpiry, options.ConfirmTimeout, _table, Expire, _pending, _queue, _timeProvider, _logger);
        return new ExpiryJudge(_table, _sessions, options, _pauses, massExpiry, confirmations, _metrics);

        void Expire(DueSession due)
        {
            if (!_pauses.TryEnter())
            {
                return; // it is asked about again when expiry goes on
            }

            bool isClosed = _table.TryCloseDue(due);
            _pauses.Exit();
            if (isClosed)
            {
                massExpiry.OnExpired(due.Limit, 1);
                _sessions.FinishLater(due.Session);
            }
        }
    }

    private static void ThrowIfInvalid(PresenceChanges kinds)
    {
        if (kinds == PresenceChanges.None || (kinds & ~PresenceChanges.All) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(kinds), kinds, $"Name at least one kind of change, and only those of {nameof(PresenceChanges)}.");
        }
    }

    /// <summary>Off the hot path: a heartbeat that found no live word.</summary>
    private bool RejectHeartbeat(SessionId session)
    {
        if (_table.TryBeatAgain(session))
        {
            return _heartbeats.Accept();
        }

        _sessions.CloseIfDue(session);
        _sessions.ThrowIfClosed();
        return _heartbeats.Reject();
    }

    private static void ThrowIfReplaces(JoinOptions? options)
    {
        if (options?.Replaces is not null)
        {
            throw new ArgumentException($"{nameof(JoinOptions.Replaces)} is for {nameof(TryJoin)}, which refuses if that session is not the client's.", nameof(options));
        }
    }

    private JoinTerms TermsOf(JoinOptions? options)
    {
        PresenceGroups.ThrowIfInvalid(options?.Linger);
        return new JoinTerms
        {
            Groups = options is { Groups.Count: > 0 } ? GroupsOf(options) : [],
            Linger = options?.Linger,
            State = options?.State,
            Limit = options?.ExpireAfter is { } limit ? ToTicks(limit, nameof(options), nameof(JoinOptions.ExpireAfter)) : _expireAfter,
            FirstLimit = options?.FirstExpireAfter is { } first ? ToTicks(first, nameof(options), nameof(JoinOptions.FirstExpireAfter)) : null,
            Replaces = options?.Replaces,
        };
    }

    private static string[] GroupsOf(JoinOptions options)
    {
        string[] groups = [.. options.Groups]; // the host's list is not read under a lock
        foreach (string group in groups)
        {
            PresenceGroups.ThrowIfInvalid(group, options.Linger);
        }

        return groups;
    }

    /// <summary>Converts a span to ticks, if it is in range.</summary>
    private int ToTicks(TickSpan span, string parameter, string name)
    {
        int ticks = span.ToTicks(_tickInterval);
        return ticks is >= 1 and <= PresenceOptions.MaxExpireAfter ? ticks : throw new ArgumentOutOfRangeException(
            parameter, span, $"{name} is {ticks} ticks and must be from 1 to {PresenceOptions.MaxExpireAfter}; a tick is {_tickInterval}.");
    }

    private bool Join(string clientId, in JoinTerms terms, out JoinResult result)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        if (clientId.Length > PresenceOptions.MaxClientIdLength)
        {
            throw new ArgumentException(
                $"The client id has {clientId.Length} UTF-16 code units and may have at most {PresenceOptions.MaxClientIdLength}. Use a shorter one, such as a hash of it.",
                nameof(clientId));
        }

        return _sessions.TryJoin(clientId, terms, out result);
    }

    /// <summary>One tick of the source. They come one at a time.</summary>
    internal void OnTick(Tick tick)
    {
        _running.GiveUpOverdue();
        _queue.RelieveIfStarved();
        if (Judge(_tickGuards.FindCause(tick)) is { } duration)
        {
            _metrics.Swept(duration);
        }

        _tickLog.Flush();
    }

    /// <param name="trouble">Why the tick should count against nobody, if it should.</param>
    /// <returns>How long it took; null if the tick judges nobody.</returns>
    private TimeSpan? Judge(string? trouble)
    {
        lock (_ticking)
        {
            if (Volatile.Read(ref _disposal) is not null)
            {
                return null;
            }

            if (_tickGuards.Withholds(trouble))
            {
                _times.OnWithheldTick();
                return null;
            }

            long started = _timeProvider.GetTimestamp();
            if (_judge.Tick() is not { } findings)
            {
                _times.OnWithheldTick();
                _metrics.TickWithheld();
                return null;
            }

            _groups.VacateDue(_table.Now);
            _tickGuards.OnJudged(heldAnybody: findings.Held > 0);
            TimeSpan duration = _timeProvider.GetElapsedTime(started);
            if (findings.Closed.Count > 0)
            {
                Log.ClientsExpired(_tickLog, findings.Closed.Count, _table.Now);
            }

            return duration;
        }
    }
}
