namespace Presence.Tests.Rules;

/// <summary>The rule as the design states it: a loop over counts. What a tracker does must not be tellable from this.</summary>
public sealed class LiteralModel(HeartbeatRule rule, int? suspectAfter = null)
{
    private readonly Dictionary<string, Client> _online = [];
    private int _sessions;

    private int _ticks;

    /// <summary>Every change so far, oldest first, as (kind, client, number of its session, tick at which the client was last heard from).</summary>
    public List<(PresenceChanges Kind, string ClientId, int Session, int LastSeen)> Changes { get; } = [];

    /// <summary>When each who is online was last heard from.</summary>
    public IEnumerable<(string ClientId, int Tick)> LastSeen => _online.Select(pair => (pair.Key, pair.Value.LastSeen));

    public IEnumerable<(string ClientId, int Session, int Count)> Counts =>
        _online.Select(pair => (pair.Key, pair.Value.Session, pair.Value.Count));

    public int Join(string clientId, int limit, int? firstLimit = null)
    {
        End(clientId, PresenceChanges.Replaced);
        int session = ++_sessions;
        _online[clientId] = new Client { Session = session, Limit = limit, FirstLimit = firstLimit, LastSeen = _ticks };
        Changes.Add((PresenceChanges.Joined, clientId, session, _ticks));
        return session;
    }

    public int? TryJoin(string clientId, int limit) => _online.ContainsKey(clientId) ? null : Join(clientId, limit);

    public int? Resume(string clientId, int session, int limit) => Find(session) == clientId ? Join(clientId, limit) : null;

    public bool Leave(string clientId) => End(clientId, PresenceChanges.Left);

    public bool Leave(int session) => Find(session) is { } clientId && Leave(clientId);

    public bool Heartbeat(string clientId)
    {
        if (!_online.TryGetValue(clientId, out Client? client))
        {
            return false;
        }

        bool isPaidOff = rule == HeartbeatRule.Decrement && client.FirstLimit is null && client.Count <= client.Limit;
        client.Count = isPaidOff ? Math.Max(client.Count - 1, -1) : 0;
        (client.FirstLimit, client.Notice, client.LastSeen) = (null, null, _ticks);
        return true;
    }

    public bool Heartbeat(int session) => Find(session) is { } clientId && Heartbeat(clientId);

    public int? HeartbeatOrJoin(string clientId, int limit) => Heartbeat(clientId) ? null : Join(clientId, limit);

    public bool SetState(int session)
    {
        if (Find(session) is not { } clientId)
        {
            return false;
        }

        Changes.Add((PresenceChanges.Updated, clientId, session, _online[clientId].LastSeen));
        return true;
    }

    public bool SetExpireAfter(int session, int limit)
    {
        if (Find(session) is not { } clientId)
        {
            return false;
        }

        (_online[clientId].Limit, _online[clientId].FirstLimit) = (limit, null);
        return true;
    }

    public bool ExpireWithin(int session, int ticks)
    {
        if (Find(session) is not { } clientId)
        {
            return false;
        }

        _online[clientId].Notice = ticks;
        return true;
    }

    public void Tick()
    {
        _ticks++;
        foreach ((string clientId, Client client) in _online.ToArray())
        {
            client.Count++;
            client.Notice--;
            if (client.Count > client.LimitNow || client.Notice == 0)
            {
                End(clientId, PresenceChanges.Expired);
            }
            else if (client.Count > suspectAfter != client.IsSuspect && (client.IsSuspect || client.Notice is null))
            {
                client.IsSuspect = !client.IsSuspect;
                Changes.Add((client.IsSuspect ? PresenceChanges.Suspected : PresenceChanges.Recovered, clientId, client.Session, client.LastSeen));
            }
        }
    }

    private string? Find(int session) => _online.FirstOrDefault(pair => pair.Value.Session == session).Key;

    private bool End(string clientId, PresenceChanges reason)
    {
        if (!_online.Remove(clientId, out Client? client))
        {
            return false;
        }

        Changes.Add((reason, clientId, client.Session, client.LastSeen));
        return true;
    }

    private sealed class Client
    {
        public required int Session { get; init; }

        public required int Limit { get; set; }

        /// <summary>The limit until the first heartbeat, if that has not come and it is another.</summary>
        public int? FirstLimit { get; set; }

        public int LimitNow => FirstLimit ?? Limit;

        /// <summary>Ticks that are left on short notice.</summary>
        public int? Notice { get; set; }

        public int Count { get; set; }

        public bool IsSuspect { get; set; }

        public int LastSeen { get; set; }
    }
}
