using Presence;

namespace ChatServer;

/// <summary>A session has ended, whatever it was that ended it: it is taken out of the room, others are told why, and it is told to go.</summary>
internal sealed class Leaving
{
    private readonly Room _room;
    private readonly History _history;
    private readonly LogRate _rate;
    private readonly ILogger<Room> _logger;

    public Leaving(IPresenceTracker tracker, Room room, History history, LogRate rate, ILogger<Room> logger)
    {
        _room = room;
        _history = history;
        _rate = rate;
        _logger = logger;

        // OnClientExpired would tell of expiry alone. Here a logout and a lost connection come the same way.
        tracker.OnChange(PresenceChanges.Ended, change =>
        {
            var connection = (ChatConnection)change.State!;
            if (change.Successor != SessionId.None) // only who resumes replaces a session here: he stays in the room, and enters it next by his new connection
            {
                connection.SayGoodbye(Errors.Resumed);
                connection.Close();
            }
            else
            {
                Leave(change.ClientId, change.Kind, connection);
            }

            return default;
        });
    }

    private void Leave(string user, PresenceChanges kind, ChatConnection connection)
    {
        string reason = ReasonOf(kind) ?? connection.Reason ?? (kind == PresenceChanges.Expired ? "expired" : "disconnected");
        lock (_room.Gate)
        {
            _room.Remove(user, connection);
            if (kind != PresenceChanges.Shutdown) // then all of them go
            {
                _room.Broadcast(new LeftMessage(user, reason));
                if (_room.Elsewhere?.Contains(user) == true)
                {
                    _room.Broadcast(new JoinedMessage(user)); // where it is now, as this server knew before
                }
            }
        }

        if (kind is PresenceChanges.Expired or PresenceChanges.Replaced) // in every other case, and mostly if it broke, the connection is closing as it is
        {
            connection.SayGoodbye(kind == PresenceChanges.Expired ? Errors.Expired : Errors.Replaced);
            connection.Close();
        }

        _history.Note(user, reason);
        if (_rate.Allows(_logger))
        {
            Log.Left(_logger, user, reason);
        }
    }

    private static string? ReasonOf(PresenceChanges kind) => kind switch
    {
        PresenceChanges.Replaced => "replaced",
        PresenceChanges.Shutdown => "shutdown",
        _ => null,
    };
}
