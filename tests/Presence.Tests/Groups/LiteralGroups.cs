namespace Presence.Tests.Groups;

/// <summary>Groups as the design states them: a set of members for each key, and a list of what is told. What a tracker does must not be tellable from this.</summary>
public sealed class LiteralGroups
{
    private readonly Dictionary<string, Entry> _groups = [];
    private int _now;

    /// <summary>What was told of each group, oldest first.</summary>
    public Dictionary<string, List<(PresenceChanges Kind, string ClientId, object? State)>> Told { get; } = [];

    public bool IsOccupied(string key) => _groups.ContainsKey(key);

    public IEnumerable<(string ClientId, object? State)> Members(string key) =>
        _groups.TryGetValue(key, out Entry? group) ? group.Members.Select(member => (member.Key, member.Value)) : [];

    public IEnumerable<string> GroupsOf(string clientId) => _groups.Where(group => group.Value.Members.ContainsKey(clientId)).Select(group => group.Key);

    public void Enter(string clientId, string key, object? state, int? linger)
    {
        bool isNew = !_groups.TryGetValue(key, out Entry? group);
        group ??= _groups[key] = new Entry();
        group.Linger = linger ?? group.Linger;
        group.VacatedAt = null;
        if (group.Members.TryGetValue(clientId, out object? old))
        {
            group.Members[clientId] = state;
            if (old != state)
            {
                Tell(key, PresenceChanges.Updated, clientId, state);
            }

            return;
        }

        if (isNew)
        {
            Tell(key, PresenceChanges.Occupied, clientId, state);
        }

        group.Members[clientId] = state;
        Tell(key, PresenceChanges.EnteredGroup, clientId, state);
    }

    public bool Update(string clientId, string key, object? state)
    {
        if (!_groups.TryGetValue(key, out Entry? group) || !group.Members.TryGetValue(clientId, out object? old))
        {
            return false;
        }

        group.Members[clientId] = state;
        if (old != state)
        {
            Tell(key, PresenceChanges.Updated, clientId, state);
        }

        return true;
    }

    public bool Leave(string clientId, string key, int? linger)
    {
        if (!_groups.TryGetValue(key, out Entry? group) || !group.Members.Remove(clientId, out object? state))
        {
            return false;
        }

        Tell(key, PresenceChanges.LeftGroup, clientId, state);
        if (group.Members.Count == 0)
        {
            int ticks = linger ?? group.Linger;
            (group.VacatedAt, group.Last) = (_now + ticks, (clientId, state));
            Vacate(key, ticks == 0 ? _now : _now - 1);
        }

        return true;
    }

    public void LeaveAll(string clientId)
    {
        foreach (string key in GroupsOf(clientId).ToArray())
        {
            Leave(clientId, key, linger: null);
        }
    }

    public void Tick(IEnumerable<string> expired)
    {
        _now++;
        foreach (string clientId in expired)
        {
            LeaveAll(clientId);
        }

        foreach (string key in _groups.Keys.ToArray())
        {
            Vacate(key, _now);
        }
    }

    private void Vacate(string key, int now)
    {
        if (_groups[key].VacatedAt <= now)
        {
            Tell(key, PresenceChanges.Vacated, _groups[key].Last.ClientId, _groups[key].Last.State);
            _groups.Remove(key);
        }
    }

    private void Tell(string key, PresenceChanges kind, string clientId, object? state)
    {
        Told.TryAdd(key, []);
        Told[key].Add((kind, clientId, state));
    }

    private sealed class Entry
    {
        public Dictionary<string, object?> Members { get; } = [];

        public int Linger { get; set; }

        public int? VacatedAt { get; set; }

        public (string ClientId, object? State) Last { get; set; }
    }
}
