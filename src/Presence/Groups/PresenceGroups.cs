using Presence.Changes;
using Presence.Engine;
using Presence.Watch;

namespace Presence.Groups;

/// <summary>The groups of a tracker, as hosts see them.</summary>
internal sealed class PresenceGroups(ClientSessions sessions, GroupTable groups, ChangeStreams streams) : IPresenceGroups
{
    public bool Enter(SessionId session, string group, object? state = null, int? linger = null)
    {
        ThrowIfInvalid(group, linger);
        sessions.ThrowIfClosed();
        return sessions.TryDo(session, (groups, group, state, linger), static (client, given) =>
        {
            given.groups.EnterNeedsLock(client, given.group, given.state, given.linger);
            return true;
        });
    }

    public bool Leave(SessionId session, string group, int? linger = null)
    {
        ThrowIfInvalid(group, linger);
        sessions.ThrowIfClosed();
        return sessions.TryDo(session, (groups, group, linger), static (client, given) => given.groups.LeaveNeedsLock(client, given.group, given.linger));
    }

    public bool Update(SessionId session, string group, object? state)
    {
        ThrowIfInvalid(group, linger: null);
        sessions.ThrowIfClosed();
        return sessions.TryDo(session, (groups, group, state), static (client, given) => given.groups.UpdateNeedsLock(client, given.group, given.state));
    }

    public bool IsOccupied(string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return groups.IsOccupied(group);
    }

    public IReadOnlyList<string> Occupied(IEnumerable<string> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return [.. groups.Where(IsOccupied)];
    }

    public int Count(string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return groups.CountMembers(group);
    }

    public IReadOnlyList<GroupMember> Members(string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return Read(groups.MembersOf(group));
    }

    public IReadOnlyList<string> GroupsOf(SessionId session)
    {
        List<string> all = [];
        sessions.TryDo(session, (groups, all), static (client, given) =>
        {
            given.all.AddRange(given.groups.GroupsOfNeedsLock(client.Session));
            return true;
        });
        return all;
    }

    public IAsyncEnumerable<WatchEvent> Watch(string group, int capacity = 1_000)
    {
        ThrowIfInvalid(group, linger: null);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        return new Watcher(() => streams.ReadGroup(group, capacity), Start, PresenceChanges.EnteredGroup, PresenceChanges.LeftGroup).WatchAsync();

        WatchStart Start(ChangeBuffer buffer)
        {
            int readUpTo = 0;
            List<(SessionId, object?)> members = groups.MembersOf(group, () => readUpTo = buffer.Reader.Count);
            return new WatchStart([.. Read(members).Select(PresentOf)], _ => readUpTo);
        }
    }

    private static WatchEvent PresentOf(GroupMember member) => new() { Kind = WatchEventKind.Present, Client = member.Client, GroupState = member.State };

    private List<GroupMember> Read(List<(SessionId Session, object? State)> members)
    {
        var read = new List<GroupMember>(members.Count);
        foreach ((SessionId session, object? state) in members)
        {
            if (sessions.TryReadOrClose(session, out ClientStatus client))
            {
                read.Add(new GroupMember { Client = client, State = state });
            }
        }

        return read;
    }

    /// <summary>Throws for a key or a linger that is none.</summary>
    public static void ThrowIfInvalid(string group, int? linger)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        if (group.Length > PresenceOptions.MaxGroupLength)
        {
            throw new ArgumentException($"The group has {group.Length} UTF-16 code units and may have at most {PresenceOptions.MaxGroupLength}. Use a shorter one, such as a hash of it.", nameof(group));
        }

        ThrowIfInvalid(linger);
    }

    public static void ThrowIfInvalid(int? linger)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(linger ?? 0, nameof(linger));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(linger ?? 0, PresenceOptions.MaxExpireAfter, nameof(linger));
    }
}
