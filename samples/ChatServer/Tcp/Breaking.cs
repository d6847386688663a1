using Presence;
using Presence.Udp;

namespace ChatServer;

/// <summary>A connection broke, by a FIN without a goodbye or a reset: its session is on short notice, and whoever is back in time is not missed.</summary>
/// <remarks>
/// Its heartbeats count no more, or one address could hold any number of names without the connections that are counted: <see cref="HeartbeatKeys.Issue"/> makes another key, which nobody is told.
/// </remarks>
internal sealed class Breaking(IPresenceTracker tracker, HeartbeatKeys? keys = null)
{
    private const int Notice = 3; // ticks

    public void OnBroken(ChatConnection client)
    {
        client.Reason = "disconnected";
        if (client.Session != SessionId.None)
        {
            keys?.Issue(client.User, client.Session);
            tracker.ExpireWithin(client.Session, Notice);
        }
    }
}
