using Microsoft.Extensions.Options;
using Presence;
using Presence.Redis;
using Presence.Udp;

namespace ChatServer;

/// <summary>Who hears whom. It follows the tracker, which alone decides who is online.</summary>
/// <remarks>
/// <para>This is all that the server holds for a session, and its callbacks are the only place where that is set up and torn down: however a
/// session ends, it ends here, once. For one name the tracker tells its changes in order, so a <c>joined</c> never overtakes the
/// <c>left</c> of the session before.</para>
/// <para>Thread safety: all of it may be called from any thread.</para>
/// </remarks>
internal sealed class Room
{
    private const int EventsKept = 20;

    private readonly Lock _gate = new(); // guards all that changes; what is sent under it comes to all in one order
    private readonly SortedDictionary<string, ChatConnection> _members = new(StringComparer.Ordinal);
    private readonly Queue<RoomEvent> _events = new();
    private readonly PresenceOptions _presence;
    private readonly Endpoints _endpoints;
    private readonly HeartbeatKeys? _keys; // null where heartbeats are plain
    private readonly Elsewhere? _elsewhere; // null where the server is alone
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<Room> _logger;

    public Room(
        IPresenceTracker tracker,
        IOptions<PresenceOptions> presence,
        Endpoints endpoints,
        TimeProvider timeProvider,
        ILogger<Room> logger,
        HeartbeatKeys? keys = null,
        Elsewhere? elsewhere = null)
    {
        _presence = presence.Value;
        _endpoints = endpoints;
        _keys = keys;
        _elsewhere = elsewhere;
        _timeProvider = timeProvider;
        _logger = logger;

        // OnClientExpired would tell of expiry alone. Here a logout and a lost connection come the same way.
        tracker.OnChange(PresenceChanges.Joined, change => Enter(change, (ChatConnection)change.State!));
        tracker.OnChange(PresenceChanges.Suspected | PresenceChanges.Recovered, NoteSuspicion);
        tracker.OnChange(PresenceChanges.Ended, change => Leave(change, (ChatConnection)change.State!));
    }

    public WhoMessage Who()
    {
        lock (_gate)
        {
            return new WhoMessage(OnlineNeedsLock(), ElsewhereNeedsLock());
        }
    }

    /// <summary>Says something to everyone, the speaker too: it sees its own words where all others see them.</summary>
    public void Say(string from, ChatConnection speaker, string text)
    {
        lock (_gate)
        {
            if (IsMember(from, speaker))
            {
                Broadcast(new SayMessage(from, text));
                _elsewhere?.Say(from, text);
            }
        }
    }

    /// <summary>Says something to one.</summary>
    /// <returns>Whether that one is online.</returns>
    public bool Tell(string from, ChatConnection speaker, string to, string text)
    {
        lock (_gate)
        {
            if (!IsMember(from, speaker))
            {
                return false;
            }

            if (_members.TryGetValue(to, out ChatConnection? listener))
            {
                listener.Send(new TellMessage(from, text));
                return true;
            }

            return _elsewhere is not null && _elsewhere.Tell(from, to, text);
        }
    }

    /// <summary>Takes in what somebody says on another server.</summary>
    public void Hear(RelayedMessage message)
    {
        lock (_gate)
        {
            if (message.To is null)
            {
                Broadcast(new SayMessage(message.From, message.Text));
            }
            else
            {
                _members.GetValueOrDefault(message.To)?.Send(new TellMessage(message.From, message.Text));
            }
        }
    }

    /// <summary>Takes in that somebody is online on another server. Whoever is here under that name is seen until that session has ended.</summary>
    public void EnterElsewhere(ClusterClient client)
    {
        lock (_gate)
        {
            if (_elsewhere!.Add(client) && !_members.ContainsKey(client.ClientId))
            {
                Broadcast(new JoinedMessage(client.ClientId));
                Remember(client.ClientId, "joined", client.Server);
            }
        }
    }

    /// <summary>Takes in that a session on another server has ended.</summary>
    public void LeaveElsewhere(string user, long fencingToken, string reason)
    {
        lock (_gate)
        {
            if (_elsewhere!.Remove(user, fencingToken, out string server) && !_members.ContainsKey(user))
            {
                Broadcast(new LeftMessage(user, reason));
                Remember(user, reason, server);
            }
        }
    }

    /// <summary>Who is online on other servers and not here, by name; null where the server is alone.</summary>
    public IReadOnlyList<RemoteUser>? UsersElsewhere()
    {
        lock (_gate)
        {
            return ElsewhereNeedsLock();
        }
    }

    /// <summary>What happened last, the newest first.</summary>
    public IReadOnlyList<RoomEvent> Events()
    {
        lock (_gate)
        {
            return [.. _events.Reverse()];
        }
    }

    private ValueTask Enter(PresenceChange change, ChatConnection connection)
    {
        Log.Joined(_logger, change.ClientId);
        byte[]? key = _keys?.Issue(change.ClientId, change.Session);
        bool isOver = _keys is not null && key is null; // then its end is told next
        lock (_gate)
        {
            if (_elsewhere?.Contains(change.ClientId) == true)
            {
                Broadcast(new LeftMessage(change.ClientId, "replaced")); // before the new session is seen; the old one's server learns it from the store
            }

            Broadcast(new JoinedMessage(change.ClientId));
            _members[change.ClientId] = connection;
            if (!isOver)
            {
                var heartbeat = new HeartbeatTerms(_endpoints.UdpPort, (int)_presence.TickInterval.TotalMilliseconds, change.ExpireAfter);
                connection.Send(new WelcomeMessage(change.ClientId, change.Session.ToString(), key, heartbeat, OnlineNeedsLock()));
            }

            Remember(change.ClientId, "joined");
        }

        connection.SetWelcomed();
        return default;
    }

    private ValueTask NoteSuspicion(PresenceChange change)
    {
        lock (_gate)
        {
            Remember(change.ClientId, change.Kind == PresenceChanges.Suspected ? "suspected" : "recovered");
        }

        return default;
    }

    private ValueTask Leave(PresenceChange change, ChatConnection connection)
    {
        string reason = change.Kind switch
        {
            PresenceChanges.Expired => "expired",
            PresenceChanges.Replaced => "replaced",
            PresenceChanges.Shutdown => "shutdown",
            _ => connection.HasLoggedOut ? "left" : "disconnected",
        };
        Log.Left(_logger, change.ClientId, reason);
        lock (_gate)
        {
            if (IsMember(change.ClientId, connection))
            {
                _members.Remove(change.ClientId);
            }

            if (change.Kind != PresenceChanges.Shutdown) // then all of them go
            {
                Broadcast(new LeftMessage(change.ClientId, reason));
                if (_elsewhere?.Contains(change.ClientId) == true)
                {
                    Broadcast(new JoinedMessage(change.ClientId)); // where it is now, as this server knew before
                }
            }

            Remember(change.ClientId, reason);
        }

        if (change.Kind is PresenceChanges.Expired or PresenceChanges.Replaced) // in every other case the connection is closing as it is
        {
            connection.Dismiss(change.Kind == PresenceChanges.Expired ? Errors.Expired : Errors.Replaced);
        }

        return default;
    }

    /// <summary>Whether a session is in the room. One that has ended is heard no more, though its name may be back.</summary>
    private bool IsMember(string user, ChatConnection connection) => _members.GetValueOrDefault(user) == connection;

    private IReadOnlyList<string> OnlineNeedsLock() =>
        ElsewhereNeedsLock() is { } elsewhere ? [.. _members.Keys.Concat(elsewhere.Select(user => user.User)).Order(StringComparer.Ordinal)] : [.. _members.Keys];

    private IReadOnlyList<RemoteUser>? ElsewhereNeedsLock() => _elsewhere is null ? null :
    [
        .. _elsewhere.Users.Where(user => !_members.ContainsKey(user.ClientId))
            .Select(user => new RemoteUser(user.ClientId, user.Server)).OrderBy(user => user.User, StringComparer.Ordinal),
    ];

    private void Broadcast(ServerMessage message)
    {
        byte[] line = message.ToLine();
        foreach (ChatConnection member in _members.Values)
        {
            member.Send(line);
        }
    }

    private void Remember(string user, string what, string? server = null)
    {
        _events.Enqueue(new RoomEvent(_timeProvider.GetUtcNow(), user, what, server));
        if (_events.Count > EventsKept)
        {
            _events.Dequeue();
        }
    }
}
