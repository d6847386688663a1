using Presence.Changes;
using Presence.Engine;

namespace Presence.Groups;

/// <summary>Some of the groups: a hash table from keys to groups, their members as linked lists, and the lock that orders what is told of each.</summary>
/// <remarks>
/// Groups and memberships are structures in slabs: half a million users with two devices each are no object for the collector to visit, and 64 bytes or less for
/// each session that is in a group. Thread safety: whoever calls holds <see cref="Lock"/>; no code of the host's runs under it.
/// </remarks>
internal sealed class GroupStripe(int number, SessionTable table, ChangeNotifier changes)
{
    private readonly Slab<Group> _groups = new();
    private readonly Slab<Membership> _memberships = new();
    private Dictionary<int, object>? _states; // by membership; few have one
    private PriorityQueue<PresenceChange, long>? _lingering; // what to tell, and when, of groups that nobody is in; also of some that are occupied again
    private int[] _buckets = new int[1];

    public Lock Lock { get; } = new();

    /// <summary>When the next group that lingers is due.</summary>
    public long NextVacatedAt => _lingering is not null && _lingering.TryPeek(out _, out long tick) ? tick : long.MaxValue;

    public ref Membership At(MembershipHandle handle) => ref _memberships[handle.Index];

    public string KeyOf(MembershipHandle handle) => _groups[At(handle).Group].Key;

    public object? StateOf(MembershipHandle handle) => StateOf(handle.Index);

    public bool IsOccupied(string key, uint hash) => Find(key, hash) >= 0;

    public int CountMembers(string key, uint hash) => Find(key, hash) is int group and >= 0 ? _groups[group].Members : 0;

    /// <summary>The members that are not just ending.</summary>
    public List<(SessionId Session, object? State)> MembersOf(string key, uint hash)
    {
        var members = new List<(SessionId, object?)>();
        if (Find(key, hash) is int group and >= 0)
        {
            members.Capacity = _groups[group].Members;
            for (int index = _groups[group].First - 1; index >= 0; index = _memberships[index].Next - 1)
            {
                uint slot = _memberships[index].Slot;
                if (SessionTable.SessionOf(slot, table.WordIn(slot)) is { } session && session != SessionId.None)
                {
                    members.Add((session, StateOf(index)));
                }
            }
        }

        return members;
    }

    /// <summary>Adds a session that is not in the group.</summary>
    /// <param name="key">The group.</param>
    /// <param name="hash">The key's.</param>
    /// <param name="client">The session, as it is.</param>
    /// <param name="state">The member's own state in the group; null for none.</param>
    /// <param name="linger">The group's linger from now on; null to leave that.</param>
    /// <param name="defaultLinger">The linger of a new group.</param>
    /// <param name="nextOfSession">The session's other memberships.</param>
    public MembershipHandle Add(string key, uint hash, in ClientStatus client, object? state, int? linger, int defaultLinger, MembershipHandle nextOfSession)
    {
        int group = Find(key, hash);
        bool isNew = group < 0;
        group = isNew ? AddGroup(key, hash, defaultLinger) : group;
        int index = _memberships.Take();
        var handle = new MembershipHandle(number, index);
        ref Group entry = ref _groups[group];
        _memberships[index] = new Membership { Slot = SessionTable.SlotOf(client.Session), Group = group, Next = entry.First, NextOfSession = nextOfSession };
        if (entry.First > 0)
        {
            _memberships[entry.First - 1].Previous = index + 1;
        }

        entry.First = index + 1;
        entry.Members++;
        entry.Linger = linger ?? entry.Linger;
        entry.VacatedAt = 0; // if it lingered, it has been occupied throughout
        SetState(index, state);
        if (isNew)
        {
            changes.Report(PresenceChanges.Occupied, client, key, state);
        }

        changes.Report(PresenceChanges.EnteredGroup, client, key, state);
        return handle;
    }

    /// <summary>Gives a member another state, and its group a linger if one is given.</summary>
    public void Update(MembershipHandle handle, in ClientStatus client, object? state, int? linger)
    {
        ref Group group = ref _groups[At(handle).Group];
        group.Linger = linger ?? group.Linger;
        if (!ReferenceEquals(StateOf(handle), state)) // not by their own word, which is the host's code
        {
            SetState(handle.Index, state);
            changes.Report(PresenceChanges.Updated, client, group.Key, state);
        }
    }

    /// <summary>Removes a membership.</summary>
    /// <param name="handle">The membership.</param>
    /// <param name="client">The session, as it is or was at its end.</param>
    /// <param name="linger">For how many ticks the group is still occupied if that was its last member; null for its own linger.</param>
    /// <returns>Whether it lingers now.</returns>
    public bool Remove(MembershipHandle handle, in ClientStatus client, int? linger)
    {
        int index = handle.Index;
        Membership removed = _memberships[index];
        ref Group group = ref _groups[removed.Group];
        object? state = StateOf(index);
        string key = group.Key;
        Unlink(removed, ref group);
        SetState(index, null);
        _memberships.Return(index);
        changes.Report(PresenceChanges.LeftGroup, client, key, state);
        if (--group.Members > 0)
        {
            return false;
        }

        int ticks = linger ?? group.Linger;
        if (ticks > 0)
        {
            group.VacatedAt = table.Now + ticks;
            (_lingering ??= new()).Enqueue(ChangeNotifier.ChangeOf(PresenceChanges.Vacated, client, key, state), group.VacatedAt);
            return true;
        }

        RemoveGroup(removed.Group);
        changes.Report(PresenceChanges.Vacated, client, key, state);
        return false;
    }

    /// <summary>Tells of the groups that nobody has come back to in time.</summary>
    public void VacateDue(long now)
    {
        while (_lingering is not null && _lingering.TryPeek(out PresenceChange vacated, out long tick) && tick <= now)
        {
            _lingering.Dequeue();
            int group = Find(vacated.Group!, HashOf(vacated.Group!));
            if (group >= 0 && _groups[group].VacatedAt == tick)
            {
                RemoveGroup(group);
                changes.Report(vacated);
            }
        }
    }

    public static uint HashOf(string key) => (uint)key.GetHashCode();

    private object? StateOf(int membership) => _states?.GetValueOrDefault(membership);

    private void SetState(int membership, object? state)
    {
        if (state is not null)
        {
            (_states ??= [])[membership] = state;
        }
        else
        {
            _states?.Remove(membership);
        }
    }

    private void Unlink(in Membership removed, ref Group group)
    {
        if (removed.Previous > 0)
        {
            _memberships[removed.Previous - 1].Next = removed.Next;
        }
        else
        {
            group.First = removed.Next;
        }

        if (removed.Next > 0)
        {
            _memberships[removed.Next - 1].Previous = removed.Previous;
        }
    }

    private ref int BucketOf(uint hash) => ref _buckets[(hash >> MembershipHandle.StripeBits) & (uint)(_buckets.Length - 1)]; // the lower bits chose the stripe

    private int Find(string key, uint hash)
    {
        for (int group = BucketOf(hash) - 1; group >= 0; group = _groups[group].Next - 1)
        {
            if (_groups[group].Hash == hash && _groups[group].Key == key)
            {
                return group;
            }
        }

        return -1;
    }

    private int AddGroup(string key, uint hash, int linger)
    {
        if (_groups.Count == _buckets.Length)
        {
            Rehash(2 * _buckets.Length);
        }

        int group = _groups.Take();
        ref int bucket = ref BucketOf(hash);
        _groups[group] = new Group { Key = key, Hash = hash, Next = bucket, Linger = linger };
        bucket = group + 1;
        return group;
    }

    private void RemoveGroup(int group)
    {
        ref int link = ref BucketOf(_groups[group].Hash);
        while (link != group + 1)
        {
            link = ref _groups[link - 1].Next;
        }

        link = _groups[group].Next;
        _groups.Return(group);
        if (_buckets.Length > 8 && 8 * _groups.Count < _buckets.Length)
        {
            Rehash(_buckets.Length / 4);
        }
    }

    private void Rehash(int buckets)
    {
        int[] old = _buckets;
        _buckets = new int[buckets];
        foreach (int first in old)
        {
            for (int group = first - 1; group >= 0;)
            {
                ref Group entry = ref _groups[group];
                int next = entry.Next - 1;
                ref int bucket = ref BucketOf(entry.Hash);
                entry.Next = bucket;
                bucket = group + 1;
                group = next;
            }
        }
    }
}
