namespace Presence;

/// <summary>Keys that sessions share: a user with several devices, a room, a topic, a tenant. Who is in each, and when it becomes occupied and vacated.</summary>
/// <remarks>
/// <para>A session may be in any number of groups, and leaves them all when it ends, however it does. A key is 1 to <see cref="PresenceOptions.MaxGroupLength"/> UTF-16 code
/// units, compared ordinally. A group exists while it is occupied; there is nothing to create or to remove.</para>
/// <para>What happens is told by <see cref="IPresenceTracker.OnChange"/> and <see cref="IPresenceTracker.ReadChanges"/>: <see cref="PresenceChanges.Occupied"/> and
/// <see cref="PresenceChanges.Vacated"/> alternate for each group, and its members' <see cref="PresenceChanges.EnteredGroup"/>, <see cref="PresenceChanges.Updated"/> and
/// <see cref="PresenceChanges.LeftGroup"/> come between them. For one group all callbacks see one order, as they do for one client id; there is none between a group and a client id.</para>
/// <para>Thread safety: every member may be called from any thread, also from a callback.</para>
/// </remarks>
public interface IPresenceGroups
{
    /// <summary>Has a session enter a group. One that is in it already stays, with the state given.</summary>
    /// <param name="session">The session.</param>
    /// <param name="group">The group.</param>
    /// <param name="state">The member's own state in the group, such as "typing"; null for none.</param>
    /// <param name="linger">For how many ticks the group is still occupied when its last member has left, from now on: 0 to <see cref="PresenceOptions.MaxExpireAfter"/>;
    /// null to leave that, which for a new group is <see cref="PresenceOptions.GroupLinger"/>.</param>
    /// <returns>Whether the session is online, and so in the group.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null, empty or too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="linger"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Enter(SessionId session, string group, object? state = null, int? linger = null);

    /// <summary>Has a session leave a group.</summary>
    /// <param name="session">The session.</param>
    /// <param name="group">The group.</param>
    /// <param name="linger">For how many ticks the group is still occupied if that was its last member; null for the group's own linger.</param>
    /// <returns>Whether the session was in the group.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null, empty or too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="linger"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Leave(SessionId session, string group, int? linger = null);

    /// <summary>Replaces a member's own state in a group, which is told as <see cref="PresenceChanges.Updated"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="group">The group.</param>
    /// <param name="state">The state; null for none.</param>
    /// <returns>Whether the session is in the group.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The tracker is disposed.</exception>
    bool Update(SessionId session, string group, object? state);

    /// <summary>Whether a group is occupied: it has members, or had them and lingers.</summary>
    /// <param name="group">The group.</param>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null or empty.</exception>
    bool IsOccupied(string group);

    /// <summary>Which of some groups are occupied: a friends' list in one call.</summary>
    /// <param name="groups">The groups.</param>
    /// <returns>Those that are, in the order given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="groups"/> is null.</exception>
    IReadOnlyList<string> Occupied(IEnumerable<string> groups);

    /// <summary>How many members a group has. It may trail ends that are just under way.</summary>
    /// <param name="group">The group.</param>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null or empty.</exception>
    int Count(string group);

    /// <summary>Reads the members of a group. It costs what the group is large, not what the tracker is.</summary>
    /// <param name="group">The group.</param>
    /// <returns>A list of the caller's own, in no order.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null or empty.</exception>
    IReadOnlyList<GroupMember> Members(string group);

    /// <summary>The groups that a session is in.</summary>
    /// <param name="session">The session. Any value is safe to pass.</param>
    /// <returns>A list of the caller's own, in no order; empty if the session is not online.</returns>
    IReadOnlyList<string> GroupsOf(SessionId session);

    /// <summary>Reads who is in a group, and from there on what changes, with nothing missed or doubled between.</summary>
    /// <param name="group">The group.</param>
    /// <param name="capacity">How many changes are kept for the reader, 1 or more. If it falls further behind it reads <see cref="WatchEventKind.Reset"/>, and then all members anew.</param>
    /// <returns>The members, each as <see cref="WatchEventKind.Present"/>, and then the changes. It begins when it is enumerated, and ends when the tracker is disposed.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null, empty or too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is under 1.</exception>
    IAsyncEnumerable<WatchEvent> Watch(string group, int capacity = 1_000);
}
