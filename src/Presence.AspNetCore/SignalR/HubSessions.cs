using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.SignalR;

/// <summary>Starts and ends the sessions of hub connections.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class HubSessions(Prober prober, SignalRPresenceOptions options, int limit)
{
    private readonly int _probeAfter = options.ProbeAfter ?? Math.Max(1, limit / 2);

    private IPresenceTracker Tracker => prober.Tracker;

    /// <summary>Starts the session of a connection whose handshake is done and whose first message is yet to be read.</summary>
    public void Start(HubConnectionContext connection)
    {
        IReadOnlyList<string> groups = options.Groups?.Invoke(connection) ?? [];
        SessionId id = Tracker.Join(connection.ConnectionId, new JoinOptions { Groups = groups, ExpireAfter = limit }).Session;
        InputTap input = connection.Features.Get<InputTap>()!; // set where the connection came in
        var session = new HubSession(Tracker, id, _probeAfter, connection, input);
        if (options.SignOfLife == SignOfLife.Bytes)
        {
            input.OnBytes = session.NoteLife;
        }

        IHubProtocol protocol = connection.Protocol;
        input.OnEnd = rest =>
        {
            if (StopMessage.IsIn(rest, protocol))
            {
                Tracker.Leave(id);
            }
        };
        connection.Protocol = new TappedProtocol(protocol, session);
        connection.Features.Set(session);
        prober.Add(session);

        // The end is noted when the connection ends, and not only when the hub's own OnDisconnectedAsync has returned.
        connection.ConnectionAborted.UnsafeRegister(
            static state =>
            {
                (HubSessions sessions, HubConnectionContext ended) = ((HubSessions, HubConnectionContext))state!;
                sessions.End(ended);
            },
            (this, connection));
    }

    /// <summary>Puts the session of a connection that is over on notice, unless its client said that it stops, by which it has ended. A second call does nothing.</summary>
    public void End(HubConnectionContext connection)
    {
        if (connection.Features.Get<HubSession>() is { } session && prober.Remove(session))
        {
            Tracker.ExpireWithin(session.Session, options.BrokenNotice);
        }
    }
}
