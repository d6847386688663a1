using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.AspNetCore.Telemetry;

namespace Presence.AspNetCore.Probing;

/// <summary>Asks the silent connections of a tracker at its ticks, and closes those whose sessions expire.</summary>
/// <remarks>
/// A tick guard is how the tracker says that it ticks; this one withholds none. Questions go out on the thread pool, so that they hold up no tick. If the pool is slow to do that, the tick source says so.
/// <para>Thread safety: full.</para>
/// </remarks>
internal sealed class Prober : IThreadPoolWorkItem, IDisposable
{
    private readonly ConcurrentDictionary<SessionId, ProbedConnection> _connections = new();
    private readonly ILogger _logger;
    private readonly IDisposable _ticks;
    private readonly IDisposable _expiries;
    private int _ticksToDo; // one of them is being done
    private volatile bool _isStopping;

    public Prober(IPresenceTracker tracker, ILogger<Prober> logger)
    {
        Tracker = tracker;
        _logger = logger;
        _ticks = tracker.AddTickGuard(OnTick);
        _expiries = tracker.OnClientExpired(CloseAsync);
    }

    public IPresenceTracker Tracker { get; }

    public int Count => _connections.Count;

    /// <summary>Whether questions of a tick are still going out.</summary>
    public bool IsAsking => Volatile.Read(ref _ticksToDo) > 0;

    /// <summary>Whether a client was asked and has not answered.</summary>
    public bool AwaitsAnswers => _connections.Any(static connection => connection.Value.IsAsked);

    public void Add(ProbedConnection connection)
    {
        _connections[connection.Session] = connection;
        connection.NoteLife(); // which closes it if the session expired before it was found here
        if (_isStopping)
        {
            connection.CloseStopping();
        }
    }

    /// <summary>Closes the connection of a session that was replaced, if it has one here.</summary>
    public void CloseReplaced(SessionId session)
    {
        if (_connections.TryGetValue(session, out ProbedConnection? connection))
        {
            connection.CloseReplaced();
        }
    }

    /// <summary>Closes all connections because the host stops, and those that still come.</summary>
    public void Stop()
    {
        _isStopping = true;
        foreach ((_, ProbedConnection connection) in _connections)
        {
            connection.CloseStopping();
        }
    }

    /// <returns>Whether this call removed it.</returns>
    public bool Remove(ProbedConnection connection)
    {
        connection.End();
        return _connections.TryRemove(connection.Session, out _);
    }

    public void Dispose()
    {
        _ticks.Dispose();
        _expiries.Dispose();
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            foreach ((_, ProbedConnection connection) in _connections)
            {
                AskIfSilent(connection);
            }
        }
        while (Interlocked.Decrement(ref _ticksToDo) > 0);
    }

    private void AskIfSilent(ProbedConnection connection)
    {
        try
        {
            connection.OnTick();
        }
        catch (Exception exception)
        {
            Log.AskingFailed(_logger, connection.Session, exception);
        }
    }

    private bool OnTick()
    {
        if (Interlocked.Increment(ref _ticksToDo) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return false;
    }

    private ValueTask CloseAsync(PresenceChange expired)
    {
        if (_connections.TryGetValue(expired.Session, out ProbedConnection? connection))
        {
            Log.ConnectionExpired(_logger, expired.ClientId, expired.LastSeenAgo);
            connection.Close();
        }

        return ValueTask.CompletedTask;
    }
}
