using System.Globalization;
using Presence.Redis.Store;

namespace Presence.Redis.Publishing;

/// <summary>One client: what is so here, and what the store may have of it.</summary>
/// <remarks>
/// Only the last of several changes goes to the store. A change whose answer is awaited is followed by no other, so that what the store
/// has is always what was sent last, or what was there before. Thread safety: everything is used under a lock on the object.
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
    private List<(SessionId Session, TaskCompletionSource<long?> Published)>? _waiters;

    public string ClientId => clientId;

    public int Shard => shard;

    /// <summary>The epoch under which the store may have the client; empty if it cannot have it.</summary>
    public string Epoch { get; private set; } = string.Empty;

    /// <summary>Whether the object has left the index, so that another must be made.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Whether there is nothing to remember.</summary>
    public bool IsForgettable => !_isOnline && Epoch.Length == 0 && !_isQueued && !_isSent && _waiters is null;

    public bool IsOnline => _isOnline;

    public SessionId Session => _session;

    public void Join(SessionId session, long joinedAt)
    {
        (_session, _isOnline, _joinedAt, _stamp, _token) = (session, true, joinedAt, 0, 0);
        _isChanged = true;
    }

    public void End(SessionId session, PresenceChanges kind)
    {
        if (_isOnline && session == _session)
        {
            (_isOnline, _end, _isChanged) = (false, kind, true);
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
        (_isQueued, _isChanged) = (false, false);
        string published = Epoch;
        if (_isOnline)
        {
            if (_stamp == 0)
            {
                _lastStamp = _stamp = Math.Max(_lastStamp + 1, clock.At(_joinedAt));
            }

            if (Epoch.Length == 0)
            {
                Epoch = epoch;
            }
        }
        else if (published.Length == 0)
        {
            operation = default;
            return false;
        }

        _isSent = true;
        operation = new PublishedOperation(_isOnline ? ChangeLetters.Joined : ChangeLetters.OfEnd(_end), StoredClientId.Write(clientId), _lastStamp, published);
        return true;
    }

    /// <summary>Takes in that no answer came: the store may or may not have done it.</summary>
    public void OnUnanswered() => (_isSent, _isChanged) = (false, true);

    /// <summary>Takes in the answer.</summary>
    /// <returns>The session that must end here because a newer one is elsewhere; or none.</returns>
    public SessionId OnAnswered(in PublishedOperation operation, string epoch, string result)
    {
        _isSent = false;
        if (operation.Kind != ChangeLetters.Joined)
        {
            Epoch = string.Empty;
            return SessionId.None;
        }

        bool isCurrent = _isOnline && operation.Stamp == _stamp;
        if (result == "-")
        {
            Epoch = string.Empty;
            return isCurrent ? _session : SessionId.None;
        }

        Epoch = epoch;
        if (isCurrent)
        {
            _token = long.Parse(result, CultureInfo.InvariantCulture);
            Complete(_session, _token);
        }

        return SessionId.None;
    }

    /// <summary>Takes in that another server has the client now.</summary>
    /// <returns>The session that must end here; or none, if it is not the one that was replaced.</returns>
    public SessionId OnReplaced(long stamp)
    {
        if (!_isOnline || _stamp != stamp)
        {
            return SessionId.None;
        }

        Epoch = string.Empty;
        return _session;
    }

    /// <summary>Waits for a session to be published.</summary>
    public Task<long?> WhenPublished(SessionId session)
    {
        if (_isOnline && session == _session && _token != 0)
        {
            return Task.FromResult<long?>(_token);
        }

        var published = new TaskCompletionSource<long?>(TaskCreationOptions.RunContinuationsAsynchronously);
        (_waiters ??= []).Add((session, published));
        return published.Task;
    }

    /// <summary>Tells those who wait for a session that it will not be published.</summary>
    public void GiveUp(SessionId session) => Complete(session, null);

    /// <summary>Tells all who wait that nothing will be published any more.</summary>
    public void GiveUpAll()
    {
        _waiters?.ForEach(waiter => waiter.Published.TrySetResult(null));
        _waiters = null;
    }

    private void Complete(SessionId session, long? token)
    {
        if (_waiters is null)
        {
            return;
        }

        foreach ((_, TaskCompletionSource<long?> published) in _waiters.Where(waiter => waiter.Session == session))
        {
            published.TrySetResult(token);
        }

        _waiters.RemoveAll(waiter => waiter.Session == session);
        _waiters = _waiters.Count == 0 ? null : _waiters;
    }
}
