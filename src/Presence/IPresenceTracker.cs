namespace Presence;

/// <summary>Knows which clients are online, from their heartbeats, and calls back when one is gone.</summary>
/// <remarks>
/// <para>A session is one stay of a client. It starts with a join and ends exactly once: by a leave, by expiry, by a newer join of
/// the same client, or when the tracker is disposed. Nothing that is meant for an old session touches a newer one.</para>
/// <para>A client id is 1 to <see cref="PresenceOptions.MaxClientIdLength"/> UTF-16 code units, compared ordinally. Joining
/// under a longer one throws; asking about a longer one answers that it is offline, as it must be.</para>
/// <para>Thread safety: every member may be called from any thread, also from a callback.</para>
/// </remarks>
public interface IPresenceTracker : IHeartbeatSink
{
    /// <summary>How many clients are online. It may trail joins and ends that are just under way.</summary>
    int OnlineCount { get; }

    /// <summary>Starts a session with a count of 0, and replaces the one that the client may have.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="state">The host's own object for this session, handed back when it ends; may be null.</param>
    /// <returns>
    /// The new session, and the one that it replaced: the host tears that one down, no callback does. That one was due, and only a guard kept it, if its
    /// <see cref="ClientStatus.Count"/> is over its limit.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    JoinResult Join(string clientId, object? state = null);

    /// <summary>Starts a session with a count of 0, and replaces the one that the client may have.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>The new session, and the one that it replaced: the host tears that one down, no callback does.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null, empty or too long; or the options name a session to replace, which is for <c>TryJoin</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit of the options is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    JoinResult Join(string clientId, JoinOptions? options);

    /// <summary>Starts a session with a count of 0, unless the client is online: then nothing changes.</summary>
    /// <remarks>
    /// A client that is over its limit and online only because a guard holds, rations or asks joins all the same, since that it comes is a sign of life: its old session ends
    /// as <see cref="PresenceChanges.Expired"/>, which is told before the join.
    /// </remarks>
    /// <param name="clientId">The client.</param>
    /// <param name="session">The new session, or <see cref="SessionId.None"/>.</param>
    /// <param name="state">The host's own object for this session, handed back when it ends; may be null.</param>
    /// <returns>Whether the client was offline and has joined.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool TryJoin(string clientId, out SessionId session, object? state = null);

    /// <summary>
    /// Starts a session with a count of 0, unless the client is online; or, if the options name a session to replace, only if that is the client's. If not, nothing
    /// changes. Nobody comes in between: of two that name the same session, one replaces it.
    /// </summary>
    /// <param name="clientId">The client.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="result">The new session, and the one that it replaced: the host tears that one down, no callback does.</param>
    /// <returns>Whether the client has joined.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null, empty or too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit of the options is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool TryJoin(string clientId, JoinOptions? options, out JoinResult result);

    /// <summary>
    /// Counts a heartbeat for the session that the client has, or starts one if it is offline: for devices that don't log in. Of many such calls at once for a client that is offline, one starts a session and the others beat.
    /// </summary>
    /// <param name="clientId">The client.</param>
    /// <param name="joined">The session that this call started, or <see cref="SessionId.None"/>.</param>
    /// <param name="options">How a session starts; null for the defaults. Make one object and use it for all: then a heartbeat allocates nothing.</param>
    /// <returns>Whether the client was offline and has joined.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty, or too long for a client who is offline; or the options name a session to replace.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit of the options is out of range, and the client is offline.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool HeartbeatOrJoin(string clientId, out SessionId joined, JoinOptions? options = null);

    /// <summary>Ends whatever session the client has now. Prefer the overload by session where you have it.</summary>
    /// <param name="clientId">The client.</param>
    /// <returns>Whether this call ended a session. Its expiry callback will not run.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Leave(string clientId);

    /// <summary>Ends one session, and no later one of the same client.</summary>
    /// <param name="session">The session, as the join gave it. Any value is safe to pass.</param>
    /// <returns>Whether this call ended the session. Its expiry callback will not run.</returns>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Leave(SessionId session);

    /// <summary>Replaces the host's own object of a session, and tells <see cref="PresenceChanges.Updated"/>: such as a status that others see, or a new connection of the same stay.</summary>
    /// <param name="session">The session, as the join gave it. Any value is safe to pass.</param>
    /// <param name="state">The new one; may be null. All that is told of the session from then on has it.</param>
    /// <returns>Whether the session is online; if not, nothing is told.</returns>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool SetState(SessionId session, object? state);

    /// <summary>
    /// Gives a session another limit from now on: longer while its client loads, sleeps in the background or drives through a tunnel, and back after. The session and its count go on, and nothing is told. It also takes
    /// the place of <see cref="JoinOptions.FirstExpireAfter"/>, if the first heartbeat has not come.
    /// </summary>
    /// <param name="session">The session, as the join gave it. Any value is safe to pass.</param>
    /// <param name="expireAfter">Ticks without a heartbeat that it survives, or the time, from 1 tick to <see cref="PresenceOptions.MaxExpireAfter"/>. If its count is over that already, it expires at the next tick,
    /// unless a heartbeat comes first.</param>
    /// <returns>Whether the session is online.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expireAfter"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool SetExpireAfter(SessionId session, TickSpan expireAfter);

    /// <summary>
    /// Puts a session on short notice: it expires within so many ticks, unless a heartbeat, or a join that replaces it, comes first. For a host that has learnt that a connection broke, without a goodbye. A heartbeat makes
    /// all as if there had been no notice, under both rules, and nothing of it is told: nor is the session called suspect while the notice lasts.
    /// </summary>
    /// <param name="session">The session, as the join gave it. Any value is safe to pass.</param>
    /// <param name="notice">Ticks that count from now on, or the time, from 1 tick to <see cref="PresenceOptions.MaxExpireAfter"/>: it expires at the last of them, or before if its limit ends it, whatever that is by then.
    /// Another notice takes the place of the first.</param>
    /// <returns>Whether the session is online.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="notice"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool ExpireWithin(SessionId session, TickSpan notice);

    /// <summary>Reads one client. Reading refreshes nothing.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="status">The client's session with its count, if it is online.</param>
    /// <returns>Whether the client is online.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool TryGetClient(string clientId, out ClientStatus status);

    /// <summary>Reads all clients, each at most once. Those that are online throughout the call are all in it.</summary>
    /// <remarks>Joins and leaves of a 256th of the clients at a time wait while those are read; heartbeats and ticks don't.</remarks>
    /// <returns>A list of the caller's own, in no order.</returns>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    IReadOnlyList<ClientStatus> Snapshot();

    /// <summary>
    /// Registers a callback that runs once for each session that expires, to tear down what the host holds for it; and for one that another server
    /// held and lost, where a satellite joins the trackers of several servers.
    /// </summary>
    /// <param name="callback">As for <see cref="OnChange"/>, with <see cref="PresenceChanges.Expired"/> and <see cref="PresenceChanges.ServerLost"/>.</param>
    /// <returns>Dispose it to run the callback no more.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    IDisposable OnClientExpired(Func<PresenceChange, ValueTask> callback);

    /// <summary>Registers a callback for some of the things that happen to sessions.</summary>
    /// <param name="kinds">Which: one flag or more.</param>
    /// <param name="callback">
    /// Runs on the thread pool, after the change: a session that ended has left the tracker, so the callback may join its client again. For one client id all
    /// callbacks of all registrations see one order: each change is told when every callback that was told of an earlier one has returned, or was given up after
    /// <see cref="PresenceOptions.CallbackTimeout"/>. Across clients they run in parallel. If it throws, that is logged and the rest goes on.
    /// </param>
    /// <returns>Dispose it to run the callback no more, while the tracker goes on; a call that has begun does too. It ends with the tracker by itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="kinds"/> is none, or has an unknown flag.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    IDisposable OnChange(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback);

    /// <summary>Reads what happens to sessions from this call on, for one reader.</summary>
    /// <param name="kinds">What to read: one flag or more.</param>
    /// <param name="capacity">
    /// How many changes are kept for the reader, 1 or more. If it falls further behind, it reads those and then gets a
    /// <see cref="ChangesLostException"/>: it never misses a change unknowingly, and never holds up the tracker.
    /// </param>
    /// <returns>The changes, in order for each client id, each when it happens: it waits for no callback. The stream ends when the tracker is disposed. Enumerate it once, or poll
    /// it. One that is disposed, or that nobody holds any more, is let go with what was kept for it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="kinds"/> is none or has an unknown flag, or <paramref name="capacity"/> is under 1.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    IChangeReader ReadChanges(PresenceChanges kinds, int capacity = 10_000);

    /// <summary>The groups that sessions are in: users with several devices, rooms, tenants.</summary>
    IPresenceGroups Groups { get; }

    /// <summary>Reads who is online, and from there on what changes, with nothing missed or doubled between.</summary>
    /// <param name="capacity">How many changes are kept for the reader, 1 or more. If it falls further behind it reads <see cref="WatchEventKind.Reset"/>, and then all clients anew.</param>
    /// <returns>The clients, each as <see cref="WatchEventKind.Present"/>, and then the changes. It begins when it is enumerated, and ends when the tracker is disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is under 1.</exception>
    IAsyncEnumerable<WatchEvent> Watch(int capacity = 10_000);

    /// <summary>Registers a guard, which a transport has when it can tell that heartbeats were lost or delayed on this server.</summary>
    /// <param name="withholds">
    /// Asked once at each tick, before anyone is judged, and returns at once: true if heartbeats were lost or lie unread here. Then the tick counts
    /// against nobody, within the bound of <see cref="PresenceOptions.MaxWithheldTicks"/>. If it throws, that is logged and taken for false.
    /// </param>
    /// <returns>Dispose it to ask the guard no more.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="withholds"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    IDisposable AddTickGuard(Func<bool> withholds);

    /// <summary>Has ticks count against nobody, without a bound, as while a host drains or is being debugged.</summary>
    /// <returns>Dispose it to judge again; pauses may overlap.</returns>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    IDisposable PauseExpiry();
}
