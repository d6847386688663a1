using Presence;
using Presence.Redis;

namespace ChatServer;

/// <summary>Looks in the store who is online on the other servers, and has the room see it.</summary>
internal sealed class RollCall(IPresenceCluster cluster, Elsewhere elsewhere, Neighbours neighbours)
{
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        var online = new HashSet<string>(StringComparer.Ordinal);
        await foreach (ClusterClient client in cluster.ReadClientsAsync(cancellationToken: cancellationToken))
        {
            if (client.Server != cluster.ServerName)
            {
                online.Add(client.ClientId);
                neighbours.Enter(client);
            }
        }

        foreach (ClusterClient gone in elsewhere.Users.Where(user => !online.Contains(user.ClientId)))
        {
            neighbours.Leave(gone.ClientId, gone.FencingToken, ReasonOf(PresenceChanges.Left));
        }
    }

    /// <summary>Why a user left. Whether that was by a logout or a lost connection, only its server knows.</summary>
    public static string ReasonOf(PresenceChanges kind) => kind switch
    {
        PresenceChanges.Expired => "expired",
        PresenceChanges.Replaced => "replaced",
        PresenceChanges.Shutdown => "shutdown",
        PresenceChanges.ServerLost => "server-lost",
        _ => "left",
    };
}
