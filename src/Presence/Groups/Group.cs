namespace Presence.Groups;

/// <summary>A group that is occupied, or was a moment ago and lingers.</summary>
internal struct Group
{
    public string Key;

    public uint Hash;

    /// <summary>The next group with the same place in the hash table, plus 1; 0 if there is none.</summary>
    public int Next;

    /// <summary>The membership that came last, plus 1; 0 if there is none.</summary>
    public int First;

    public int Members;

    /// <summary>For how many ticks it is still occupied after its last member has left.</summary>
    public int Linger;

    /// <summary>The tick at which it is told vacated if nobody comes; 0 while there are members.</summary>
    public long VacatedAt;
}
