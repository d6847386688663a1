using Microsoft.Extensions.Options;
using Presence;

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

    private readonly Lock _gate = new(); // guards the two below; what is sent under it comes to all in one order
    private readonly SortedDictionary<string, ChatConnection> _members = new(StringComparer.Ordinal);
    private readonly Queue<RoomEvent> _events = new();
    private readonly PresenceOptions _presence;
    private readonly Endpoints _endpoints;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<Room> _logger;

    public Room(IPresenceTracker tracker, IOptions<PresenceOptions> presence, Endpoints endpoints, TimeProvider timeProvider, ILogger<Room> logger)
    {
        _presence = presence.Value;
        _endpoints = endpoints;
        _timeProvider = timeProvider;
        _logger = logger;

        // OnClientExpired would tell of expiry alone. Here a logout and a lost connection come the same way.
        tracker.OnChange(PresenceChanges.Joined, change => Enter(change, (ChatConnection)change.State!));
        tracker.OnChange(PresenceChanges.Ended, change => Leave(change, (ChatConnection)change.State!));
    }

    public WhoMessage Who()
    {
        lock (_gate)
        {
            return new WhoMessage([.. _members.Keys]);
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
            }
        }
    }

    /// <summary>Says something to one.</summary>
    /// <returns>Whether that one is online.</returns>
    public bool Tell(string from, ChatConnection speaker, string to, string text)
    {
        lock (_gate)
        {
            if (!IsMember(from, speaker) || !_members.TryGetValue(to, out ChatConnection? listener))
            {
                return false;
            }

            listener.Send(new TellMessage(from, text));
            return true;
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
        lock (_gate)
        {
            Broadcast(new JoinedMessage(change.ClientId));
            _members[change.ClientId] = connection;
            var heartbeat = new HeartbeatTerms(_endpoints.UdpPort, (int)_presence.TickInterval.TotalMilliseconds, change.ExpireAfter);
            connection.Send(new WelcomeMessage(change.ClientId, change.Session.ToString(), heartbeat, [.. _members.Keys]));
            Remember(change.ClientId, "joined");
        }

        connection.SetWelcomed();
        return default;
    }

    private ValueTask Leave(PresenceChange change, ChatConnection connection)
    {
        bool isExpired = change.Kind == PresenceChanges.Expired;
        string reason = isExpired ? "expired" : connection.HasLoggedOut ? "left" : "disconnected";
        Log.Left(_logger, change.ClientId, reason);
        lock (_gate)
        {
            if (IsMember(change.ClientId, connection))
            {
                _members.Remove(change.ClientId);
            }

            Broadcast(new LeftMessage(change.ClientId, reason));
            Remember(change.ClientId, reason);
        }

        if (change.Kind != PresenceChanges.Left) // whoever left is closing its connection as it is
        {
            connection.Close(isExpired ? Errors.Expired : null);
        }

        return default;
    }

    /// <summary>Whether a session is in the room. One that has ended is heard no more, though its name may be back.</summary>
    private bool IsMember(string user, ChatConnection connection) => _members.GetValueOrDefault(user) == connection;

    private void Broadcast(ServerMessage message)
    {
        byte[] line = message.ToLine();
        foreach (ChatConnection member in _members.Values)
        {
            member.Send(line);
        }
    }

    private void Remember(string user, string what)
    {
        _events.Enqueue(new RoomEvent(_timeProvider.GetUtcNow(), user, what));
        if (_events.Count > EventsKept)
        {
            _events.Dequeue();
        }
    }
}
