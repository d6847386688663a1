using System.Collections.Concurrent;
using Presence.Changes;
using Presence.Telemetry;

namespace Presence.Engine;

/// <summary>Which session each client has: joins and ends, one at a time for one client id.</summary>
/// <remarks>
/// Thread safety: heartbeats and finds take no lock. A join or an end, with the callbacks that it enqueues, runs under the lock of
/// its client id, so they have one order. Against heartbeats and sweeps, which take no lock, the swap of the word decides.
/// </remarks>
internal sealed class ClientSessions(SessionTable table, ChangeCallbacks callbacks, PendingWork pending, FairQueue queue, PresenceMetrics metrics)
{
    /// <summary>The values are <see cref="SessionId.Value"/>, which the dictionary updates in place.</summary>
    private readonly ConcurrentDictionary<string, ulong> _index = new(StringComparer.Ordinal);

    /// <summary>A client id's lock is found by its hash. Each guards the order of joins and ends of the ids that share it.</summary>
    private readonly Lock[] _locks = [.. Enumerable.Range(0, 256).Select(_ => new Lock())];

    /// <summary>Each session that is seen to gives the callbacks' queue more work: in turns with that, only little of it is under way at once.</summary>
    private readonly FairQueue _toSeeTo = new(queue);

    private volatile bool _closed;

    /// <summary>Counts a heartbeat for whatever session the client has.</summary>
    public bool TryBeat(string clientId)
    {
        // One round is all it takes, unless the session that was found ends before it is beaten: the client may have a newer one.
        SessionId tried = SessionId.None;
        while (TryFind(clientId, out SessionId session) && session != tried)
        {
            if (table.TryBeat(session) || table.IsBeingReplaced(session))
            {
                return true;
            }

            CloseIfDue(session);
            tried = session;
        }

        return false;
    }

    /// <summary>Has a session that is due end now: somebody was told that it is over, so it must stay so.</summary>
    public void CloseIfDue(SessionId session)
    {
        if (table.TryCloseDue(session))
        {
            FinishLater(session);
        }
    }

    /// <summary>Starts a session. If the client has one, replaces it, or refuses and changes nothing.</summary>
    public bool TryJoin(string clientId, object? state, int limit, bool replace, out JoinResult result)
    {
        lock (LockOf(clientId))
        {
            ThrowIfClosed();
            bool isOnline = TryFind(clientId, out SessionId previous) && !TryExpireNeedsLock(previous);
            if (isOnline && !replace)
            {
                result = default;
                return false;
            }

            SessionId session = table.Reserve(clientId, state, limit);
            result = new JoinResult { Session = session };
            if (isOnline)
            {
                // The moment that closes the old session is the moment at which the new one starts.
                PresenceChanges end = table.CloseNeedsLock(previous, PresenceChanges.Replaced, out int count, out long closedAt);
                table.Start(session, limit, closedAt);
                _index[clientId] = session.Value;
                ClientStatus ended = FinishNeedsLock(previous, end, count);
                result = result with { Replaced = end == PresenceChanges.Replaced ? ended : null };
            }
            else
            {
                long now = table.Now;
                _index[clientId] = session.Value; // first, so that from its start on everybody finds it
                table.Start(session, limit, now);
                table.RestartIfTickedNeedsLock(session, limit, now);
            }

            callbacks.Report(PresenceChanges.Joined, new ClientStatus { ClientId = clientId, Session = session, Count = 0, ExpireAfter = limit, State = state });
            return true;
        }
    }

    /// <summary>Ends whatever session the client has.</summary>
    public bool TryLeave(string clientId)
    {
        lock (LockOf(clientId))
        {
            ThrowIfClosed();
            return TryFind(clientId, out SessionId session) && EndNeedsLock(session, PresenceChanges.Left);
        }
    }

    /// <summary>Ends one session for the reason given; if it is due it ends as expired, and the answer is no.</summary>
    public bool TryEnd(SessionId session, PresenceChanges reason)
    {
        if (table.ClientOf(session) is not { } clientId)
        {
            return false;
        }

        lock (LockOf(clientId))
        {
            return EndNeedsLock(session, reason);
        }
    }

    public bool TryGet(string clientId, out ClientStatus status)
    {
        status = default;
        if (!TryFind(clientId, out SessionId session))
        {
            return false;
        }

        if (table.TryRead(session, out status))
        {
            return true;
        }

        lock (LockOf(clientId)) // the session that was found has just ended, and another may be taking its place
        {
            return TryFind(clientId, out session) && !TryExpireNeedsLock(session) && table.TryRead(session, out status);
        }
    }

    public List<ClientStatus> Snapshot()
    {
        var clients = new List<ClientStatus>((int)table.Online);
        foreach ((string clientId, _) in _index)
        {
            if (TryGet(clientId, out ClientStatus status))
            {
                clients.Add(status);
            }
        }

        return clients;
    }

    /// <summary>Sees to the ends of sessions that a tick closed, on the thread pool.</summary>
    public void FinishLater(SessionBatches closed) => RunLater(closed, FinishExpired);

    /// <summary>Sees to the end of a session that was closed, on the thread pool.</summary>
    public void FinishLater(SessionId closed) => RunLater([closed], FinishExpired);

    /// <summary>Tells of sessions that a tick found to be suspect, or no longer so, on the thread pool.</summary>
    public void TellSuspicionsLater(SessionBatches changed) => RunLater(changed, TellSuspicions);

    /// <summary>Ends every session and lets none join any more.</summary>
    public void Close()
    {
        _closed = true;
        foreach (Lock clientLock in _locks)
        {
            lock (clientLock)
            {
                // A join that did not see the flag has come to its end.
            }
        }

        foreach ((_, ulong session) in _index)
        {
            TryEnd(new SessionId(session), PresenceChanges.Shutdown);
        }
    }

    /// <summary>Tells of a session that was never here, in one order with what happens to the client's own.</summary>
    public Task TellServerLost(string clientId, long fencingToken)
    {
        lock (LockOf(clientId))
        {
            ThrowIfClosed();
            return callbacks.ReportServerLost(clientId, fencingToken);
        }
    }

    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, typeof(PresenceTracker));

    private bool TryFind(string clientId, out SessionId session)
    {
        bool found = _index.TryGetValue(clientId, out ulong value);
        session = new SessionId(value);
        return found;
    }

    private bool EndNeedsLock(SessionId session, PresenceChanges reason)
    {
        PresenceChanges actual = table.CloseNeedsLock(session, reason, out int count, out _);
        if (actual != PresenceChanges.None)
        {
            FinishNeedsLock(session, actual, count);
        }

        return actual == reason;
    }

    /// <summary>Ends a session if it is due, or if a sweep closed it and its end is still to be seen to.</summary>
    private bool TryExpireNeedsLock(SessionId session) =>
        (table.TryCloseDue(session) || table.IsEnding(session)) && EndNeedsLock(session, PresenceChanges.Expired);

    /// <summary>Sees to the end of a closed session: now it is nowhere in the tracker, and its callbacks are on their way.</summary>
    private ClientStatus FinishNeedsLock(SessionId session, PresenceChanges reason, int count)
    {
        TellSuspicionsNeedsLock(session);
        SessionRecord record = table.Release(session);
        ClientStatus ended = record.ToStatus(session, count, table.SuspectAfter(record.ExpireAfter));
        _index.TryRemove(KeyValuePair.Create(ended.ClientId, session.Value)); // a newer session of the client stays
        metrics.SessionEnded(reason);
        callbacks.Report(reason, ended);
        return ended;
    }

    private void RunLater(SessionBatches sessions, Action<SessionId> run)
    {
        foreach (IReadOnlyList<SessionId> batch in sessions.All)
        {
            RunLater(batch, run);
        }
    }

    private void RunLater(IReadOnlyList<SessionId> sessions, Action<SessionId> run)
    {
        pending.Begin();
        _toSeeTo.Enqueue(new SessionWork(sessions, run, pending));
    }

    private void FinishExpired(SessionId session)
    {
        if (table.ClientOf(session) is { } clientId)
        {
            lock (LockOf(clientId))
            {
                TryExpireNeedsLock(session); // unless a join or leave of the client came first and did it, or the join that started it took the expiry back
            }
        }
    }

    private void TellSuspicions(SessionId session)
    {
        if (table.ClientOf(session) is { } clientId)
        {
            lock (LockOf(clientId))
            {
                TellSuspicionsNeedsLock(session);
            }
        }
    }

    private void TellSuspicionsNeedsLock(SessionId session)
    {
        while (table.TryTellSuspicionNeedsLock(session, out PresenceChanges kind))
        {
            if (table.TryReadClosed(session, out ClientStatus status))
            {
                callbacks.Report(kind, status);
            }
        }
    }

    private Lock LockOf(string clientId) => _locks[(uint)clientId.GetHashCode() % (uint)_locks.Length];

    private sealed class SessionWork(IReadOnlyList<SessionId> sessions, Action<SessionId> run, PendingWork pending) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            foreach (SessionId session in sessions)
            {
                run(session);
            }

            pending.End();
        }
    }
}
