using Presence.Changes;
using Presence.Groups;
using Presence.Telemetry;
using Presence.Watch;

namespace Presence.Engine;

/// <summary>Which session each client has: joins and ends, one at a time for one client id.</summary>
/// <remarks>
/// Thread safety: heartbeats and finds take no lock. A join or an end, with the callbacks that it enqueues, runs under the lock of
/// its client id, so they have one order. Against heartbeats and sweeps, which take no lock, the swap of the word decides.
/// </remarks>
internal sealed class ClientSessions(SessionTable table, GroupTable groups, ChangeNotifier changes, PendingWork pending, FairQueue queue, PresenceMetrics metrics)
{
    private readonly ClientIndex _index = new(table);
    private readonly SessionLives _lives = new(table);

    /// <summary>Each session that is seen to gives the callbacks' queue more work: in turns with that, only little of it is under way at once.</summary>
    private readonly FairQueue _toSeeTo = new(queue);

    private volatile bool _closed;

    /// <summary>For tests: runs in a join between the moment at which it takes the time and that at which its session starts, as if its thread were held up there.</summary>
    internal Action? HoldUpJoin { get; set; }

    /// <summary>Counts a heartbeat for whatever session the client has.</summary>
    public bool TryBeat(string clientId)
    {
        ClientKey client = ClientKey.Of(clientId);
        return _index.TryBeat(client) || TryBeatAgain(client);
    }

    /// <summary>Has a session that is due end now: somebody was told that it is over, so it must stay so.</summary>
    public void CloseIfDue(SessionId session)
    {
        if (table.TryCloseDue(session))
        {
            FinishLater(session);
        }
    }

    /// <summary>Starts a session. If the client has one, replaces it; or refuses, as the terms say, and changes nothing.</summary>
    public bool TryJoin(string clientId, in JoinTerms terms, out JoinResult result)
    {
        ClientKey client = ClientKey.Of(clientId);
        lock (_index.LockOf(client))
        {
            ThrowIfClosed();
            bool isOnline = _index.TryFind(client, out SessionId previous) && !TryExpireNeedsLock(client, previous);
            if (!terms.Permits(isOnline ? previous : null))
            {
                // Whom a guard keeps although he is over his limit: that he logs in says that the old session is over, and no guard has to wait for it.
                // Not for a join that names another session than this: it must leave this one as it is.
                isOnline = terms.Replaces is not null || !table.TryCloseOverLimit(previous) || !TryExpireNeedsLock(client, previous);
                if (isOnline)
                {
                    result = default;
                    return false;
                }
            }

            SessionId session = table.Reserve(clientId, terms.State, terms.Limit);
            result = isOnline ? ReplaceNeedsLock(client, previous, session, terms) : StartNeedsLock(client, session, terms);
            if (changes.Wants(PresenceChanges.Joined))
            {
                changes.Report(PresenceChanges.Joined, table.Started(session, clientId, terms));
            }

            return true;
        }
    }

    /// <summary>Ends whatever session the client has.</summary>
    public bool TryLeave(string clientId)
    {
        ClientKey client = ClientKey.Of(clientId);
        lock (_index.LockOf(client))
        {
            ThrowIfClosed();
            return _index.TryFind(client, out SessionId session) && EndNeedsLock(client, session, PresenceChanges.Left);
        }
    }

    /// <summary>Ends one session for the reason given; if it is due it ends as expired, and the answer is no.</summary>
    public bool TryEnd(SessionId session, PresenceChanges reason)
    {
        if (table.ClientOf(session) is not { } clientId)
        {
            return false;
        }

        ClientKey client = ClientKey.Of(clientId);
        lock (_index.LockOf(client))
        {
            return EndNeedsLock(client, session, reason);
        }
    }

    /// <summary>Gives a session another limit; if it is due it ends, and the answer is no.</summary>
    public bool TrySetLimit(SessionId session, int limit)
    {
        bool isOnline = table.ClientOf(session) is { } clientId && TrySetLimitOf(ClientKey.Of(clientId), session, limit);
        CloseIfDue(session); // a tick may have come while it could not be judged
        return isOnline;
    }

    /// <summary>Has a session end after so many ticks, unless a heartbeat comes first; if it is due it ends, and the answer is no.</summary>
    public bool TryGiveNotice(SessionId session, int ticks)
    {
        bool isOnline = table.ClientOf(session) is { } clientId && TryGiveNoticeTo(ClientKey.Of(clientId), session, ticks);
        CloseIfDue(session);
        return isOnline;
    }

    /// <summary>Replaces the host's state of a session and tells so; if it is due it ends, and the answer is no.</summary>
    public bool TrySetState(SessionId session, object? state)
    {
        bool isOnline = table.ClientOf(session) is { } clientId && TrySetStateOf(ClientKey.Of(clientId), session, state);
        CloseIfDue(session);
        return isOnline;
    }

    public bool TryGet(string clientId, out ClientStatus status)
    {
        status = default;
        ClientKey client = ClientKey.Of(clientId);
        if (!_index.TryFind(client, out SessionId session))
        {
            return false;
        }

        if (table.TryRead(session, out status))
        {
            return true;
        }

        lock (_index.LockOf(client)) // the session that was found has just ended, and another may be taking its place
        {
            return _index.TryFind(client, out session) && !TryExpireNeedsLock(client, session) && table.TryRead(session, out status);
        }
    }

    /// <summary>Reads all clients.</summary>
    /// <param name="onRead">Runs for each stripe at the moment at which its clients are these: between two changes of them.</param>
    public List<ClientStatus> Snapshot(Action<int>? onRead = null)
    {
        var clients = new List<ClientStatus>((int)table.Online);
        for (int stripe = 0; stripe < _index.Stripes.Count; stripe++)
        {
            lock (_index.Stripes[stripe].Lock) // or a client could move while it is looked for
            {
                onRead?.Invoke(stripe);
                foreach (SessionId session in _index.Stripes[stripe].SessionsNeedsLock())
                {
                    if (TryReadOrClose(session, out ClientStatus status))
                    {
                        clients.Add(status);
                    }
                }
            }
        }

        return clients;
    }

    /// <summary>Reads who is online and how far the buffer of changes had come by then.</summary>
    public WatchStart StartWatch(ChangeBuffer buffer)
    {
        int[] readUpTo = new int[_index.Stripes.Count];
        List<ClientStatus> present = Snapshot(stripe => readUpTo[stripe] = buffer.Reader.Count);
        return new WatchStart(
            [.. present.Select(static client => new WatchEvent { Kind = WatchEventKind.Present, Client = client })],
            change => readUpTo[ClientIndex.StripeNumberOf(ClientKey.Of(change.ClientId))]);
    }

    /// <summary>Reads a session that is online. One that is over is so for good: no heartbeat that is under way brings it back.</summary>
    public bool TryReadOrClose(SessionId session, out ClientStatus status)
    {
        while (!table.TryRead(session, out status))
        {
            CloseIfDue(session);
            if (!table.IsOpen(session))
            {
                return false;
            }
        }

        return true;
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
        foreach (ClientStripe stripe in _index.Stripes)
        {
            lock (stripe.Lock) // a join that did not see the flag has come to its end
            {
                foreach (SessionId session in stripe.SessionsNeedsLock().ToArray())
                {
                    TryEnd(session, PresenceChanges.Shutdown);
                }
            }
        }
    }

    /// <summary>Does something for a session that is online, in one order with its client's joins and ends.</summary>
    /// <returns>What it answers; false if the session is not online.</returns>
    public bool TryDo<TArgument>(SessionId session, TArgument argument, Func<ClientStatus, TArgument, bool> act)
    {
        if (table.ClientOf(session) is { } clientId)
        {
            lock (_index.LockOf(ClientKey.Of(clientId)))
            {
                return TryReadOrClose(session, out ClientStatus status) && act(status, argument);
            }
        }

        return false;
    }

    /// <summary>Tells of a session that was never here, in one order with what happens to the client's own.</summary>
    public Task TellServerLost(string clientId, long fencingToken)
    {
        lock (_index.LockOf(ClientKey.Of(clientId)))
        {
            ThrowIfClosed();
            return changes.ReportServerLost(clientId, fencingToken);
        }
    }

    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, typeof(PresenceTracker));

    private bool TrySetStateOf(in ClientKey client, SessionId session, object? state)
    {
        lock (_index.LockOf(client))
        {
            if (!table.TryRead(session, out ClientStatus status))
            {
                return false;
            }

            TellSuspicionsNeedsLock(status); // what ticks found before
            table.SetStateNeedsLock(session, state);
            changes.Report(PresenceChanges.Updated, status with { State = state });
            return true;
        }
    }

    private bool TrySetLimitOf(in ClientKey client, SessionId session, int limit)
    {
        lock (_index.LockOf(client))
        {
            return _lives.TrySetLimitNeedsLock(session, limit);
        }
    }

    private bool TryGiveNoticeTo(in ClientKey client, SessionId session, int ticks)
    {
        lock (_index.LockOf(client))
        {
            return _lives.TryGiveNoticeNeedsLock(session, ticks);
        }
    }

    /// <summary>Counts a heartbeat that met no session that is online: its client may be joining at this moment.</summary>
    private bool TryBeatAgain(in ClientKey client)
    {
        long tried = SessionWord.Free;
        while (_index.TryFindCurrent(client, out uint slot, out long word) && word != tried)
        {
            if (table.TryBeatAgain(SessionTable.SessionOf(slot, word)) || table.TryStartByBeat(slot, word))
            {
                return true;
            }

            CloseIfDue(SessionTable.SessionOf(slot, word));
            tried = word;
        }

        return false;
    }

    private JoinResult StartNeedsLock(in ClientKey client, SessionId session, in JoinTerms terms)
    {
        _index.AddNeedsLock(client, session); // first, so that from its start on everybody finds it
        long now = table.Now;
        HoldUpJoin?.Invoke();
        table.Start(session, terms.Limit, now, terms.FirstLimit);
        table.RestartIfOverNeedsLock(session, terms.Limit, terms.FirstLimit);
        EnterGroupsNeedsLock(client, session, terms);
        return new JoinResult { Session = session };
    }

    /// <summary>The moment that closes the old session is the moment at which the new one is the client's: a heartbeat by its id that comes before the join starts it does so itself.</summary>
    private JoinResult ReplaceNeedsLock(in ClientKey client, SessionId previous, SessionId session, in JoinTerms terms)
    {
        PresenceChanges end = table.CloseNeedsLock(previous, PresenceChanges.Replaced, session, out SessionTerms ended, out long closedAt);
        HoldUpJoin?.Invoke();
        table.Start(session, terms.Limit, end == PresenceChanges.Replaced ? closedAt : table.Now, terms.FirstLimit);
        table.RestartIfOverNeedsLock(session, terms.Limit, terms.FirstLimit);
        _index.ReplaceNeedsLock(client, previous, session);
        EnterGroupsNeedsLock(client, session, terms); // before the old one leaves them, so that none is vacated between
        ClientStatus replaced = FinishNeedsLock(client, previous, end, ended, closedAt, successor: end == PresenceChanges.Replaced ? session : SessionId.None);
        return new JoinResult { Session = session, Replaced = end == PresenceChanges.Replaced ? replaced : null };
    }

    private void EnterGroupsNeedsLock(in ClientKey client, SessionId session, in JoinTerms terms)
    {
        foreach (string group in terms.Groups ?? [])
        {
            groups.EnterNeedsLock(table.Started(session, client.Id, terms), group, state: null, terms.Linger);
        }
    }

    private bool EndNeedsLock(in ClientKey client, SessionId session, PresenceChanges reason)
    {
        PresenceChanges actual = table.CloseNeedsLock(session, reason, SessionId.None, out SessionTerms ended, out long closedAt);
        if (actual != PresenceChanges.None)
        {
            FinishNeedsLock(client, session, actual, ended, closedAt);
        }

        return actual == reason;
    }

    /// <summary>Ends a session if it is due, or if a sweep closed it and its end is still to be seen to.</summary>
    private bool TryExpireNeedsLock(in ClientKey client, SessionId session) =>
        (table.TryCloseDue(session) || table.IsEnding(session)) && EndNeedsLock(client, session, PresenceChanges.Expired);

    /// <summary>Sees to the end of a closed session: now it is nowhere in the tracker, and its callbacks are on their way.</summary>
    private ClientStatus FinishNeedsLock(in ClientKey client, SessionId session, PresenceChanges reason, in SessionTerms terms, long closedAt, SessionId successor = default)
    {
        ClientStatus ended = table.ReadClosedNeedsLock(session, terms, closedAt);
        TellSuspicionsNeedsLock(ended);
        groups.LeaveAllNeedsLock(ended, lingers: reason != PresenceChanges.Shutdown);
        _index.RemoveNeedsLock(client, session);
        table.Release(session);
        metrics.SessionEnded(reason);
        changes.ReportEnd(reason, ended, successor);
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
            ClientKey client = ClientKey.Of(clientId);
            lock (_index.LockOf(client))
            {
                TryExpireNeedsLock(client, session); // unless a join or leave of the client came first and did it, or the join that started it took the expiry back
            }
        }
    }

    private void TellSuspicions(SessionId session)
    {
        if (table.ClientOf(session) is { } clientId)
        {
            lock (_index.LockOf(ClientKey.Of(clientId)))
            {
                if (table.TryRead(session, out ClientStatus status)) // else its end tells them
                {
                    TellSuspicionsNeedsLock(status);
                }
            }
        }
    }

    private void TellSuspicionsNeedsLock(in ClientStatus status)
    {
        while (table.TryTellSuspicionNeedsLock(status.Session, out PresenceChanges kind, out int count))
        {
            changes.Report(kind, status with { Count = count });
        }
    }

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
