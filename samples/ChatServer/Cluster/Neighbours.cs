using Presence.Redis;

namespace ChatServer;

/// <summary>Has the room see who comes and goes on other servers.</summary>
/// <remarks>Whoever is here under the same name is seen until that session has ended. Thread safety: any thread.</remarks>
internal sealed class Neighbours(Room room, History history, Elsewhere elsewhere)
{
    /// <summary>Takes in that somebody is online on another server.</summary>
    public void Enter(ClusterClient client)
    {
        lock (room.Gate)
        {
            if (elsewhere.Add(client) && room.Find(client.ClientId) is null)
            {
                room.Broadcast(new JoinedMessage(client.ClientId));
                history.Note(client.ClientId, "joined", client.Server);
            }

            room.UpdateName(client.ClientId);
        }
    }

    /// <summary>Takes in that a session on another server has ended.</summary>
    public void Leave(string user, long fencingToken, string reason)
    {
        lock (room.Gate)
        {
            if (elsewhere.Remove(user, fencingToken, out string server) && room.Find(user) is null)
            {
                room.Broadcast(new LeftMessage(user, reason));
                history.Note(user, reason, server);
            }

            room.UpdateName(user);
        }
    }
}
