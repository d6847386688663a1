namespace Presence.Groups;

/// <summary>One session in one group. All its members are of the group's stripe and guarded by that's lock; the chain of the session by its client's lock as well.</summary>
internal struct Membership
{
    public uint Slot;

    public int Group;

    /// <summary>The neighbours in the group, plus 1; 0 at its ends.</summary>
    public int Next;

    public int Previous;

    /// <summary>Another membership of the session; see <see cref="MembershipHandle"/>.</summary>
    public MembershipHandle NextOfSession;
}
