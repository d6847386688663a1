using System.Collections.Concurrent;

namespace Presence.Redis.Tests.Schedules;

/// <summary>Everything that happened in a schedule, in one order, and what is wrong with it.</summary>
internal sealed class History
{
    private readonly ConcurrentDictionary<(string Server, SessionId Id), RecordedSession> _sessions = new();
    private readonly ConcurrentQueue<(string Server, string ClientId, long Token)> _lost = new();
    private long _order;

    public long Now => Interlocked.Read(ref _order);

    public int Count => _sessions.Count;

    public int Lost => _lost.Count;

    public IEnumerable<RecordedSession> Sessions => _sessions.Values;

    public RecordedSession Join(string server, string clientId, SessionId id)
    {
        var session = new RecordedSession(server, clientId, id, Interlocked.Increment(ref _order));
        return _sessions.TryAdd((server, id), session) ? session : throw new InvalidOperationException($"{server} gave {id} twice.");
    }

    public void Publish(RecordedSession session, long token) => session.Publish(token, Interlocked.Increment(ref _order));

    public void Tell(string server, PresenceChange change)
    {
        if (change.Kind == PresenceChanges.ServerLost)
        {
            _lost.Enqueue((server, change.ClientId, change.FencingToken));
        }
        else if ((change.Kind & PresenceChanges.Ended) != 0 && _sessions.TryGetValue((server, change.Session), out RecordedSession? session))
        {
            session.End(change.Kind);
        }
    }

    /// <summary>What no schedule may bring about, whatever it does.</summary>
    public IEnumerable<string> AlwaysWrong() => _sessions.Values.Where(session => session.Ends.Length > 1).Select(session => $"ended more than once: {session}");

    /// <summary>What is wrong if the store has lost nothing.</summary>
    public IEnumerable<string> WrongUnlessDataWereLost()
    {
        foreach (IGrouping<(string Server, string ClientId, long Token), (string, string, long)> told in _lost.GroupBy(lost => lost).Where(told => told.Count() > 1))
        {
            yield return $"told lost {told.Count()} times by one server: {told.Key}";
        }

        foreach (IGrouping<string, RecordedSession> client in _sessions.Values.GroupBy(session => session.ClientId))
        {
            RecordedSession[] sessions = [.. client.OrderBy(session => session.Order)];
            for (int newer = 1; newer < sessions.Length; newer++)
            {
                if (sessions[newer].Tokens is not [var first, ..])
                {
                    continue;
                }

                // Whatever becomes of a session that the store knew before a newer one began, it has no token greater than that one's.
                foreach (RecordedSession older in sessions[..newer].Where(older => older.Tokens.Any(token => token.Order < sessions[newer].Order)))
                {
                    if (older.Tokens.Any(token => token.Token >= first.Token))
                    {
                        yield return $"an older session has a greater token: {older}; than {sessions[newer]}";
                    }
                }
            }
        }
    }
}
