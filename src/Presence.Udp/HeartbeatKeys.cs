using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Presence.Udp;

/// <summary>The keys of the sessions that may send heartbeats over UDP.</summary>
/// <remarks>
/// <para>A session gets its key when the host issues it at login, and loses it when it ends in any way. So there are never more keys than sessions
/// online and ends that are just being told. A session without a key accepts no UDP heartbeat.</para>
/// <para>A dropped key is overwritten. That is no promise that no copy is left in memory: the garbage collector moves objects.</para>
/// <para>Thread safety: every member may be called from any thread, also from the tracker's callbacks.</para>
/// </remarks>
public sealed class HeartbeatKeys : IDisposable
{
    private readonly ConcurrentDictionary<ulong, KeyedSession> _sessions = new();
    private readonly IDisposable _registration;
    private int _count;
    private volatile bool _disposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="tracker">Whose sessions the keys are for.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tracker"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    public HeartbeatKeys(IPresenceTracker tracker)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        Tracker = tracker;
        _registration = tracker.OnChange(PresenceChanges.Ended, OnEnded);
    }

    /// <summary>How many sessions have a key.</summary>
    public int Count => Volatile.Read(ref _count);

    internal IPresenceTracker Tracker { get; }

    /// <summary>Makes a key for a session, to be handed to its client over a trusted channel such as TLS.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="session">Its session, as the join gave it. A key that it has already is replaced, and sequences start at 1 again.</param>
    /// <returns>32 random bytes, a copy of the caller's own; null if the session is over already. Never log them.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="ObjectDisposedException">The store or its tracker is disposed.</exception>
    public byte[]? Issue(string clientId, SessionId session)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        byte[] key = RandomNumberGenerator.GetBytes(HeartbeatKey.Length);
        var keyed = new KeyedSession(key);
        bool isKept = false;
        try
        {
            // The key goes in first and the session is looked up after. If it is still online then, its end is yet to be told and takes the key
            // away; if not, that may have been told already, so the key is taken away here.
            Put(session, keyed);
            ObjectDisposedException.ThrowIf(_disposed, this);
            isKept = Tracker.TryGetClient(clientId, out ClientStatus status) && status.Session == session;
        }
        finally
        {
            if (!isKept)
            {
                CryptographicOperations.ZeroMemory(key);
                keyed.Drop();
                if (_sessions.TryRemove(KeyValuePair.Create(session.Value, keyed)))
                {
                    Interlocked.Decrement(ref _count);
                }
            }
        }

        return isKept ? key : null;
    }

    /// <summary>Drops all keys. No session accepts a UDP heartbeat after that.</summary>
    public void Dispose()
    {
        _disposed = true;
        _registration.Dispose();
        foreach ((ulong session, _) in _sessions)
        {
            Drop(new SessionId(session));
        }
    }

    internal KeyedSession? Find(ulong session) => _sessions.GetValueOrDefault(session);

    private void Put(SessionId session, KeyedSession keyed)
    {
        while (!_sessions.TryAdd(session.Value, keyed))
        {
            Drop(session);
        }

        Interlocked.Increment(ref _count);
    }

    private ValueTask OnEnded(PresenceChange change)
    {
        Drop(change.Session);
        return default;
    }

    private void Drop(SessionId session)
    {
        if (_sessions.TryRemove(session.Value, out KeyedSession? keyed))
        {
            Interlocked.Decrement(ref _count);
            keyed.Drop();
        }
    }
}
