using Microsoft.Extensions.Options;
using Presence;
using Presence.Udp;

namespace ChatServer;

/// <summary>A session has started: others are told, it is in the room, and it is welcomed with the key to its heartbeats.</summary>
internal sealed class Entering
{
    private readonly Room _room;
    private readonly History _history;
    private readonly PresenceOptions _presence;
    private readonly Endpoints _endpoints;
    private readonly HeartbeatKeys? _keys; // null where heartbeats are plain
    private readonly LogRate _rate;
    private readonly ILogger<Room> _logger;

    public Entering(
        IPresenceTracker tracker, Room room, History history, IOptions<PresenceOptions> presence, Endpoints endpoints, LogRate rate, ILogger<Room> logger, HeartbeatKeys? keys = null)
    {
        _room = room;
        _history = history;
        _presence = presence.Value;
        _endpoints = endpoints;
        _keys = keys;
        _rate = rate;
        _logger = logger;
        tracker.OnChange(PresenceChanges.Joined, change =>
        {
            Enter(change, (ChatConnection)change.State!);
            return default;
        });
    }

    private void Enter(PresenceChange change, ChatConnection connection)
    {
        string user = change.ClientId;
        byte[]? key = _keys?.Issue(user, change.Session);
        connection.Key = key;
        bool isOver = _keys is not null && key is null; // then its end is told next
        lock (_room.Gate)
        {
            bool isBack = _room.Find(user) is not null; // over another connection, see Leaving
            if (!isBack)
            {
                Announce(user);
            }

            _room.Add(user, connection);
            _history.Note(user, isBack ? "resumed" : "joined");
            if (!isOver)
            {
                connection.Send(Welcome(change, key));
            }
        }

        connection.Welcomed.TrySetResult();
        if (_rate.Allows(_logger))
        {
            Log.Joined(_logger, user);
        }
    }

    private void Announce(string user)
    {
        if (_room.Elsewhere?.Contains(user) == true)
        {
            _room.Broadcast(new LeftMessage(user, "replaced")); // before the new session is seen; the old one's server learns it from the store
        }

        _room.Broadcast(new JoinedMessage(user));
    }

    private WelcomeMessage Welcome(PresenceChange change, byte[]? key)
    {
        var heartbeat = new HeartbeatTerms(_endpoints.UdpPort, (int)_presence.TickInterval.TotalMilliseconds, change.ExpireAfter);
        WhoMessage who = _room.Who();
        return new WelcomeMessage(change.ClientId, change.Session.ToString(), key, heartbeat, who.Online, who.Count, who.Next);
    }
}
