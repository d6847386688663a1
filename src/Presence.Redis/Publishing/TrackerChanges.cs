using Presence.Redis.Groups;

namespace Presence.Redis.Publishing;

/// <summary>Takes in what happens in this server's tracker: notes it with the clients, and has those queued.</summary>
/// <remarks>Thread safety: one loop, after who is online at the start.</remarks>
internal sealed class TrackerChanges(PresenceTracker tracker, PublishedClients clients, GroupHolds holds, PublishedStates states, Action<PublishedClient> queue, TimeProvider timeProvider)
{
    /// <summary>What it takes.</summary>
    public PresenceChanges Taken => PresenceChanges.Joined | PresenceChanges.Ended | PresenceChanges.EnteredGroup | PresenceChanges.LeftGroup | PresenceChanges.Vacated
        | (states.AreUsed ? PresenceChanges.Updated : PresenceChanges.None);

    private readonly ArrivingGroups _arriving = new();
    private bool _isClosed;

    public void Take(in PresenceChange change)
    {
        switch (change.Kind)
        {
            case PresenceChanges.Joined:
                Join(change.ClientId, change.Session, change.State, timeProvider.GetTimestamp(), _arriving.Take(change.Session));
                break;
            case PresenceChanges.EnteredGroup:
                Enter(change.ClientId, change.Session, change.Group!);
                break;
            case PresenceChanges.LeftGroup:
                Leave(change.ClientId, change.Session, change.Group!);
                break;
            case PresenceChanges.Updated:
                SetState(change);
                break;
            case PresenceChanges.Vacated:
                holds.OnVacated(change.Group!);
                break;
            default:
                End(change.ClientId, change.Session, change.Kind);
                break;
        }
    }

    public void Join(string clientId, SessionId session, object? state, long now, string[] groups)
    {
        byte[] published = states.Of(clientId, state);
        while (true)
        {
            PublishedClient client = clients.FindOrAdd(clientId);
            lock (client)
            {
                if (client.IsRemoved)
                {
                    continue;
                }

                if (!client.IsOnline || client.Session != session)
                {
                    client.Join(session, now, groups, published);
                    queue(client);
                }

                return;
            }
        }
    }

    private void End(string clientId, SessionId session, PresenceChanges kind)
    {
        if (clients.Find(clientId) is { } client)
        {
            lock (client)
            {
                client.End(session, kind);
                queue(client);
                clients.ForgetIfDone(client);
            }
        }
    }

    private void SetState(in PresenceChange change)
    {
        if (change.Group is null && clients.Find(change.ClientId) is { } client) // else it is a member's own
        {
            byte[] published = states.Of(change.ClientId, change.State);
            lock (client)
            {
                client.SetState(change.Session, published);
                queue(client);
            }
        }
    }

    private void Enter(string clientId, SessionId session, string group)
    {
        if (clients.Find(clientId) is { } client)
        {
            lock (client)
            {
                if (client.Enter(session, group))
                {
                    queue(client);
                    return;
                }
            }
        }

        _arriving.Add(session, group);
    }

    private void Leave(string clientId, SessionId session, string group)
    {
        // One that ends leaves its groups first, and all of that is published as its end. To ask waits until the end has come about.
        if (clients.Find(clientId) is { } client && IsOnline(clientId, session))
        {
            lock (client)
            {
                client.Leave(session, group);
                queue(client);
            }
        }
    }

    private bool IsOnline(string clientId, SessionId session)
    {
        try
        {
            return !_isClosed && tracker.TryGetClient(clientId, out ClientStatus status) && status.Session == session;
        }
        catch (ObjectDisposedException)
        {
            _isClosed = true; // all have ended
            return false;
        }
    }
}
