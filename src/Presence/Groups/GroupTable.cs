using Presence.Changes;
using Presence.Engine;

namespace Presence.Groups;

/// <summary>All groups, and which of them each session is in.</summary>
/// <remarks>
/// <para>A session's memberships are a chain that begins in its record. A client id's lock is taken first, a group's second, and one of each at a time.</para>
/// <para>Thread safety: members that need the lock of the session's client id say so; the rest from anywhere.</para>
/// </remarks>
internal sealed class GroupTable
{
    private readonly SessionTable _table;
    private readonly int _defaultLinger;
    private readonly ChangeNotifier _changes;
    private readonly GroupStripe?[] _stripes = new GroupStripe?[1 << MembershipHandle.StripeBits]; // each made when it is first needed: many trackers have no groups
    private long _nextVacatedAt = long.MaxValue; // no group that lingers is due before

    public GroupTable(SessionTable table, ChangeNotifier changes, int defaultLinger) =>
        (_table, _changes, _defaultLinger) = (table, changes, defaultLinger);

    public bool IsOccupied(string group) => Read(group, static (stripe, key, hash) => stripe.IsOccupied(key, hash));

    public int CountMembers(string group) => Read(group, static (stripe, key, hash) => stripe.CountMembers(key, hash));

    /// <summary>The members of a group that are not just ending.</summary>
    /// <param name="group">The group.</param>
    /// <param name="onRead">Runs at the moment at which these are they: between two changes of the group.</param>
    public List<(SessionId Session, object? State)> MembersOf(string group, Action? onRead = null) => Read(group, (stripe, key, hash) =>
    {
        onRead?.Invoke();
        return stripe.MembersOf(key, hash);
    });

    /// <summary>Has a session enter a group. If it is in already, it gets the state and the group the linger.</summary>
    public void EnterNeedsLock(in ClientStatus client, string group, object? state, int? linger)
    {
        ref MembershipHandle first = ref _table.MembershipsNeedsLock(client.Session);
        MembershipHandle handle = FindNeedsLock(first, group);
        uint hash = GroupStripe.HashOf(group);
        GroupStripe stripe = StripeOf(hash);
        lock (stripe.Lock)
        {
            if (handle.IsNone)
            {
                first = stripe.Add(group, hash, client, state, linger, _defaultLinger, first);
            }
            else
            {
                stripe.Update(handle, client, state, linger);
            }
        }
    }

    /// <summary>Gives a member another state.</summary>
    /// <returns>Whether it is one.</returns>
    public bool UpdateNeedsLock(in ClientStatus client, string group, object? state)
    {
        MembershipHandle handle = FindNeedsLock(_table.MembershipsNeedsLock(client.Session), group);
        if (handle.IsNone)
        {
            return false;
        }

        GroupStripe stripe = StripeAt(handle.Stripe);
        lock (stripe.Lock)
        {
            stripe.Update(handle, client, state, linger: null);
            return true;
        }
    }

    /// <summary>Has a session leave a group.</summary>
    /// <returns>Whether it was in it.</returns>
    public bool LeaveNeedsLock(in ClientStatus client, string group, int? linger)
    {
        ref MembershipHandle first = ref _table.MembershipsNeedsLock(client.Session);
        MembershipHandle found = FindNeedsLock(first, group);
        if (found.IsNone)
        {
            return false;
        }

        MembershipHandle next = NextOf(found);
        if (found == first)
        {
            first = next;
        }
        else
        {
            MembershipHandle previous = first;
            while (NextOf(previous) is var following && following != found)
            {
                previous = following;
            }

            GroupStripe stripe = StripeAt(previous.Stripe);
            lock (stripe.Lock)
            {
                stripe.At(previous).NextOfSession = next;
            }
        }

        Remove(found, client, linger);
        return true;
    }

    /// <summary>Has a session leave all its groups, as it ends.</summary>
    /// <param name="client">The session, as it was at its end.</param>
    /// <param name="lingers">Whether groups linger.</param>
    public void LeaveAllNeedsLock(in ClientStatus client, bool lingers)
    {
        ref MembershipHandle first = ref _table.MembershipsNeedsLock(client.Session);
        while (!first.IsNone)
        {
            MembershipHandle next = NextOf(first);
            Remove(first, client, lingers ? null : 0);
            first = next;
        }
    }

    /// <summary>The groups that a session is in.</summary>
    public List<string> GroupsOfNeedsLock(SessionId session)
    {
        var groups = new List<string>();
        for (MembershipHandle handle = _table.MembershipsNeedsLock(session); !handle.IsNone; handle = NextOf(handle))
        {
            GroupStripe stripe = StripeAt(handle.Stripe);
            lock (stripe.Lock)
            {
                groups.Add(stripe.KeyOf(handle));
            }
        }

        return groups;
    }

    /// <summary>Tells of the groups that nobody has come back to in time.</summary>
    public void VacateDue(long now)
    {
        if (now < Volatile.Read(ref _nextVacatedAt))
        {
            return;
        }

        Interlocked.Exchange(ref _nextVacatedAt, long.MaxValue); // first, so that no group that begins to linger meanwhile is missed
        for (int number = 0; number < _stripes.Length; number++)
        {
            if (Volatile.Read(ref _stripes[number]) is not { } stripe)
            {
                continue;
            }

            long next;
            lock (stripe.Lock)
            {
                stripe.VacateDue(now);
                next = stripe.NextVacatedAt;
            }

            NoteVacatedAt(next);
        }
    }

    /// <summary>Tells of all groups that linger: nobody comes back any more.</summary>
    public void Close() => VacateDue(long.MaxValue);

    private void Remove(MembershipHandle handle, in ClientStatus client, int? linger)
    {
        GroupStripe stripe = StripeAt(handle.Stripe);
        long next;
        lock (stripe.Lock)
        {
            next = stripe.Remove(handle, client, linger) ? stripe.NextVacatedAt : long.MaxValue;
        }

        NoteVacatedAt(next);
    }

    private void NoteVacatedAt(long tick)
    {
        long seen = Volatile.Read(ref _nextVacatedAt);
        while (tick < seen)
        {
            long before = Interlocked.CompareExchange(ref _nextVacatedAt, tick, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    private MembershipHandle FindNeedsLock(MembershipHandle first, string group)
    {
        for (MembershipHandle handle = first; !handle.IsNone; handle = NextOf(handle))
        {
            GroupStripe stripe = StripeAt(handle.Stripe);
            lock (stripe.Lock)
            {
                if (stripe.KeyOf(handle) == group)
                {
                    return handle;
                }
            }
        }

        return default;
    }

    private MembershipHandle NextOf(MembershipHandle handle)
    {
        GroupStripe stripe = StripeAt(handle.Stripe);
        lock (stripe.Lock)
        {
            return stripe.At(handle).NextOfSession;
        }
    }

    private T Read<T>(string group, Func<GroupStripe, string, uint, T> read)
    {
        uint hash = GroupStripe.HashOf(group);
        GroupStripe stripe = StripeOf(hash);
        lock (stripe.Lock)
        {
            return read(stripe, group, hash);
        }
    }

    private GroupStripe StripeOf(uint hash) => StripeAt((int)(hash & (uint)(_stripes.Length - 1)));

    private GroupStripe StripeAt(int number)
    {
        if (Volatile.Read(ref _stripes[number]) is { } stripe)
        {
            return stripe;
        }

        var made = new GroupStripe(number, _table, _changes);
        return Interlocked.CompareExchange(ref _stripes[number], made, null) ?? made;
    }
}
