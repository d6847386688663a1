using Presence.Redis.Store;

namespace Presence.Redis.Publishing;

/// <summary>One client: what is so here, and what the store may have of it.</summary>
/// <remarks>
/// Only the last of several changes goes to the store. What was sent is sent again until it is answered, and only then comes the
/// next, so that this server always knows what the store has of it, but for one step. Thread safety: everything is used under a lock on the object.
/// </remarks>
internal sealed class PublishedClient(string clientId, int shard)
{
    private SessionId _session;
    private PresenceChanges _end = PresenceChanges.Left;
    private bool _isOnline;
    private long _joinedAt;
    private long _stamp;
    private long _lastStamp;
    private long _token;
    private bool _isChanged;
    private bool _isQueued;
    private bool _isSent;
    private PublishedOperation? _unanswered;
    private SessionId _sent;
    private byte[] _state = [];
    private string[] _groups = GroupList.Empty;
    private string[] _sentGroups = GroupList.Empty;
    private string[] _storedGroups = GroupList.Empty;
    private Waiter? _waiters;

    public string ClientId => clientId;

    public int Shard => shard;

    /// <summary>The epochs under which the store may have the client, or word that it was replaced; empty if it cannot have it.</summary>
    public string Epochs { get; private set; } = string.Empty;

    /// <summary>Whether the object has left the index, so that another must be made.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Whether there is nothing to remember.</summary>
    public bool IsForgettable => !_isOnline && Epochs.Length == 0 && !_isQueued && !_isSent && _waiters is null;

    public bool IsOnline => _isOnline;

    public SessionId Session => _session;

    /// <summary>How many groups its session is in.</summary>
    public int GroupCount => _groups.Length;

    /// <summary>The groups that the store may have it in, and no more once it has done what was sent last.</summary>
    public IEnumerable<string> Leaving => _storedGroups.Length == 0 ? [] : _storedGroups.Except(_sentGroups, StringComparer.Ordinal);

    public void Join(SessionId session, long joinedAt, string[] groups, byte[] state)
    {
        (_session, _isOnline, _joinedAt, _stamp, _token, _groups, _state) = (session, true, joinedAt, 0, 0, groups, state);
        _isChanged = true;
    }

    /// <summary>Takes in that its session, if it is this one, has another state.</summary>
    public void SetState(SessionId session, byte[] state)
    {
        if (_isOnline && session == _session && !state.AsSpan().SequenceEqual(_state))
        {
            (_state, _isChanged) = (state, true);
        }
    }

    /// <summary>Takes in that its session, if it is this one, has entered a group.</summary>
    /// <returns>Whether it is this one.</returns>
    public bool Enter(SessionId session, string group) => TrySetGroups(session, GroupList.Add(_groups, group));

    /// <summary>Takes in that its session, if it is this one, has left a group.</summary>
    public void Leave(SessionId session, string group) => TrySetGroups(session, GroupList.Remove(_groups, group));

    public void End(SessionId session, PresenceChanges kind)
    {
        if (_isOnline && session == _session)
        {
            (_isOnline, _end, _isChanged, _groups) = (false, kind, true, GroupList.Empty);
        }

        Complete(session, null);
    }

    /// <summary>Has the client published, whether or not the store has it already.</summary>
    public void PublishAgain() => _isChanged = true;

    /// <summary>Whether it is to be queued now; the caller does that.</summary>
    public bool TryQueue()
    {
        bool queue = _isChanged && !_isQueued && !_isSent;
        _isQueued |= queue;
        return queue;
    }

    /// <summary>Takes it from the queue and says what to send, if anything.</summary>
    public bool TrySend(string epoch, StoreClock clock, out PublishedOperation operation)
    {
        (_isQueued, _isChanged) = (false, _unanswered is not null); // what is sent again may not be the last that happened
        if ((_unanswered ?? Next(clock)) is not { } next)
        {
            operation = default;
            return false;
        }

        operation = next with { PublishedEpochs = Epochs };
        _unanswered = operation;
        _isSent = true;
        _storedGroups = GroupList.Union(_storedGroups, _sentGroups);
        Epochs = PublishedEpochs.Add(Epochs, epoch);
        return true;
    }

    /// <summary>Takes in that no answer came: the store may or may not have done it, so the same is sent again.</summary>
    public void OnUnanswered() => (_isSent, _isChanged) = (false, true);

    /// <summary>Takes in that the operation did not leave this process, so that the store has not done it.</summary>
    public void OnUnsent(in PublishedOperation operation)
    {
        OnUnanswered();
        _unanswered = null;
        Epochs = operation.PublishedEpochs;
    }

    /// <summary>Takes in the answer.</summary>
    /// <returns>The session that must end here because a newer one is elsewhere; or none.</returns>
    public SessionId OnAnswered(in PublishedOperation operation, string epoch, in PublishedResult result)
    {
        _isSent = false;
        _unanswered = null;
        bool isCurrent = _isOnline && _sent == _session;
        _storedGroups = result.Token == 0 ? GroupList.Empty : _sentGroups;
        if (operation.Kind != ChangeLetters.Joined)
        {
            Epochs = string.Empty;
            return SessionId.None;
        }

        if (result.Token == 0)
        {
            _isChanged |= !_isOnline; // the store may keep word of the replacement until it learns that we know
            return isCurrent ? _session : SessionId.None;
        }

        Epochs = epoch;
        _lastStamp = result.Stamp;
        if (isCurrent)
        {
            (_token, _stamp) = (result.Token, result.Stamp);
            Complete(_session, _token);
        }

        return SessionId.None;
    }

    /// <summary>Takes in that another server has the client now.</summary>
    /// <param name="stamp">The stamp that the store had; it may have raised that of a join whose answer is still on its way.</param>
    /// <returns>The session that must end here; or none, if it is not the one that was replaced.</returns>
    public SessionId OnReplaced(long stamp)
    {
        if (!_isOnline || _stamp == 0 || stamp < _stamp)
        {
            return SessionId.None;
        }

        return _session;
    }

    /// <summary>Waits for a session to be published.</summary>
    public Task<long?> WhenPublished(SessionId session, CancellationToken cancellationToken)
    {
        if (_isOnline && session == _session && _token != 0)
        {
            return Task.FromResult<long?>(_token);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<long?>(cancellationToken);
        }

        var waiter = new Waiter(session, _waiters);
        _waiters = waiter;
        waiter.LeaveWhenCancelled(this, cancellationToken);
        return waiter.Task;
    }

    /// <summary>Tells all who wait that nothing will be published any more.</summary>
    public void GiveUpAll()
    {
        for (; _waiters is { } waiter; _waiters = waiter.Next)
        {
            waiter.TrySetResult(null);
        }
    }

    private void Remove(Waiter waiter)
    {
        if (_waiters == waiter)
        {
            _waiters = waiter.Next;
            return;
        }

        for (Waiter? before = _waiters; before is not null; before = before.Next)
        {
            if (before.Next == waiter)
            {
                before.Next = waiter.Next;
                return;
            }
        }
    }

    private PublishedOperation? Next(StoreClock clock)
    {
        if (_isOnline)
        {
            _stamp = _stamp != 0 ? _stamp : Math.Max(_lastStamp + 1, clock.At(_joinedAt));
            _lastStamp = _stamp;
            (_sent, _sentGroups) = (_session, _groups);

            // The stamp may be too late by what a clock is off. Once the store has had the session, the token tells when.
            return new PublishedOperation(ChangeLetters.Joined, StoredClientId.Write(clientId), _token == 0 ? _stamp : Math.Min(_stamp, _token), Epochs, _token, StoredTail.Write(_state, _groups));
        }

        _sentGroups = GroupList.Empty;
        return Epochs.Length == 0 ? null : new PublishedOperation(ChangeLetters.OfEnd(_end), StoredClientId.Write(clientId), _lastStamp, Epochs);
    }

    private bool TrySetGroups(SessionId session, string[] groups)
    {
        bool isThis = _isOnline && session == _session;
        if (isThis && groups != _groups)
        {
            (_groups, _isChanged) = (groups, true);
        }

        return isThis;
    }

    private void Complete(SessionId session, long? token)
    {
        Waiter? waiter = _waiters;
        _waiters = null;
        while (waiter is not null)
        {
            Waiter? next = waiter.Next;
            if (waiter.Session == session)
            {
                waiter.TrySetResult(token);
            }
            else
            {
                (waiter.Next, _waiters) = (_waiters, waiter);
            }

            waiter = next;
        }
    }

    /// <summary>Somebody who waits for a session to be published; and a list of them, as there is hardly ever another.</summary>
    private sealed class Waiter(SessionId session, Waiter? next) : TaskCompletionSource<long?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public SessionId Session => session;

        public Waiter? Next { get; set; } = next;

        /// <summary>Has a wait that is given up leave nothing behind.</summary>
        public void LeaveWhenCancelled(PublishedClient client, CancellationToken cancellationToken)
        {
            if (cancellationToken.CanBeCanceled)
            {
                CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                    static (state, token) =>
                    {
                        (Waiter waiter, PublishedClient client) = ((Waiter, PublishedClient))state!;
                        lock (client)
                        {
                            client.Remove(waiter);
                        }

                        waiter.TrySetCanceled(token);
                    },
                    (this, client));
                Task.ContinueWith(static (_, state) => ((CancellationTokenRegistration)state!).Unregister(), registration, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }
}
