namespace Presence.Changes;

/// <summary>Tells of what happens to sessions and groups: streams at once, callbacks in their order.</summary>
/// <remarks>Thread safety: called under the lock of the client id or the group, which puts changes in order. It runs no code of the host's.</remarks>
internal sealed class ChangeNotifier(ChangeStreams streams, ChangeCallbacks callbacks)
{
    public static PresenceChange ChangeOf(PresenceChanges kind, in ClientStatus status, string? group = null, object? groupState = null, SessionId successor = default) => new()
    {
        Kind = kind,
        ClientId = status.ClientId,
        Session = status.Session,
        Count = status.Count,
        ExpireAfter = status.ExpireAfter,
        State = status.State,
        LastSeenAgo = status.LastSeenAgo,
        LastSeen = status.LastSeen,
        Group = group,
        GroupState = groupState,
        Successor = successor,
    };

    /// <summary>Whether anybody is to be told of such a change, those who watch one group aside.</summary>
    public bool Wants(PresenceChanges kind) => callbacks.Wants(kind) || streams.Wants(kind);

    public void Report(PresenceChanges kind, in ClientStatus status, string? group = null, object? groupState = null)
    {
        if (Wants(kind) || (group is not null && streams.AreGroupsWatched))
        {
            Report(ChangeOf(kind, status, group, groupState));
        }
    }

    /// <summary>Tells of the end of a session.</summary>
    public void ReportEnd(PresenceChanges reason, in ClientStatus status, SessionId successor)
    {
        if (Wants(reason))
        {
            Report(ChangeOf(reason, status, successor: successor));
        }
    }

    public void Report(in PresenceChange change)
    {
        streams.Write(change);
        callbacks.Report(change);
    }

    /// <summary>Tells of a session that another server held.</summary>
    /// <returns>A task that completes when the callbacks have returned or were given up.</returns>
    public Task ReportServerLost(string clientId, long fencingToken)
    {
        var change = new PresenceChange
        {
            Kind = PresenceChanges.ServerLost,
            ClientId = clientId,
            Session = SessionId.None,
            Count = 0,
            ExpireAfter = 0,
            FencingToken = fencingToken,
        };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        streams.Write(change);
        callbacks.Report(change, done);
        return done.Task;
    }
}
