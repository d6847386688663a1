using System.Collections.Concurrent;

namespace Presence.AspNetCore.Http;

/// <summary>The tokens of a tracker's sessions. Each is made at a login, and gone with its session, however that ends.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class TokenSessions : IDisposable
{
    private readonly ConcurrentDictionary<SessionId, TokenSession> _sessions = new();
    private readonly IPresenceTracker _tracker;
    private readonly IDisposable _ends;

    public TokenSessions(IPresenceTracker tracker)
    {
        _tracker = tracker;
        _ends = tracker.OnChange(PresenceChanges.Ended, change =>
        {
            _sessions.TryRemove(change.Session, out _);
            return ValueTask.CompletedTask;
        });
    }

    public int Count => _sessions.Count;

    /// <summary>Makes a token for a session.</summary>
    /// <param name="clientId">The client.</param>
    /// <param name="session">Its session, as the join gave it.</param>
    /// <param name="token">The token. It is good for nothing if the session is over already.</param>
    /// <returns>The session's limit, in ticks; 0 if it is over already.</returns>
    public int Issue(string clientId, SessionId session, out BearerToken token)
    {
        token = BearerToken.Create(session);
        _sessions[session] = new TokenSession(token);
        if (_tracker.TryGetClient(clientId, out ClientStatus status) && status.Session == session) // after it was put in: if it is online now, its end is yet to be told
        {
            return status.ExpireAfter;
        }

        _sessions.TryRemove(session, out _);
        return 0;
    }

    /// <summary>Finds what a token is for; null if it is nobody's, or no longer.</summary>
    public TokenSession? Find(BearerToken token) => _sessions.TryGetValue(token.Session, out TokenSession? session) && session.IsOf(token) ? session : null;

    public void Dispose() => _ends.Dispose();
}
