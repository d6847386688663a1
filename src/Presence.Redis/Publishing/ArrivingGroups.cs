namespace Presence.Redis.Publishing;

/// <summary>The groups of sessions that enter them with their join: the tracker tells that first, so they wait here for the word of the join and go to the store with it.</summary>
/// <remarks>Thread safety: the one loop that reads the tracker's changes.</remarks>
internal sealed class ArrivingGroups
{
    private readonly Dictionary<SessionId, List<string>> _groups = [];

    public void Add(SessionId session, string group)
    {
        if (!_groups.TryGetValue(session, out List<string>? groups))
        {
            _groups.Add(session, groups = []);
        }

        groups.Add(group);
    }

    /// <summary>Takes those of a session that has joined.</summary>
    public string[] Take(SessionId session) => _groups.Remove(session, out List<string>? groups) ? GroupList.Of(groups) : GroupList.Empty;
}
