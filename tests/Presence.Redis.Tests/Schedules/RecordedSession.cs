namespace Presence.Redis.Tests.Schedules;

/// <summary>What became of one session in a schedule.</summary>
internal sealed class RecordedSession(string server, string clientId, SessionId id, long order)
{
    private readonly Lock _lock = new();
    private readonly List<(long Token, long Order)> _tokens = [];
    private readonly List<PresenceChanges> _ends = [];

    public string Server => server;

    public string ClientId => clientId;

    public SessionId Id => id;

    /// <summary>Its place among all that happened.</summary>
    public long Order => order;

    public bool HasEnded
    {
        get
        {
            lock (_lock)
            {
                return _ends.Count > 0;
            }
        }
    }

    public PresenceChanges[] Ends
    {
        get
        {
            lock (_lock)
            {
                return [.. _ends];
            }
        }
    }

    /// <summary>The tokens that it was given, and when.</summary>
    public (long Token, long Order)[] Tokens
    {
        get
        {
            lock (_lock)
            {
                return [.. _tokens];
            }
        }
    }

    public void End(PresenceChanges kind)
    {
        lock (_lock)
        {
            _ends.Add(kind);
        }
    }

    public void Publish(long token, long at)
    {
        lock (_lock)
        {
            if (!_tokens.Exists(entry => entry.Token == token))
            {
                _tokens.Add((token, at));
            }
        }
    }

    public override string ToString() =>
        $"{clientId} on {server} (joined {order}; tokens {string.Join(", ", Tokens.Select(token => $"{token.Token} at {token.Order}"))}; {string.Join(", ", Ends)})";
}
