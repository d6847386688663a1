namespace Presence;

/// <summary>Where a transport puts the heartbeats that it receives. Business traffic may be put here too: any sign of life counts.</summary>
/// <remarks>Thread safety: implementations take heartbeats from any number of threads, and never block on one.</remarks>
public interface IHeartbeatSink
{
    /// <summary>Counts a heartbeat for whatever session the client has now.</summary>
    /// <param name="clientId">The client, as it joined. Ids are compared by their code units.</param>
    /// <returns>Whether the client is online. If not, it has to log in again; that is an answer, not an error.</returns>
    /// <exception cref="ArgumentException"><paramref name="clientId"/> is null or empty.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Heartbeat(string clientId);

    /// <summary>Counts a heartbeat for one session, and for no later one of the same client. The fast path: nothing is looked up.</summary>
    /// <param name="session">The session, as the join gave it. Any value is safe to pass.</param>
    /// <returns>Whether the session is online.</returns>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Heartbeat(SessionId session);
}
