using Presence.Groups;

namespace Presence.Engine;

/// <summary>What a slot holds beside its word: read when a session joins, ends or is asked about, not by heartbeats.</summary>
internal struct SessionRecord
{
    public string? ClientId;
    public object? State;

    /// <summary>Ticks without a heartbeat that the session survives.</summary>
    public int ExpireAfter;

    /// <summary>How many sessions the slot has had; <see cref="TagPermutation"/> makes the tag of it.</summary>
    public uint Generation;

    /// <summary>The first of its memberships in groups.</summary>
    public MembershipHandle Memberships;
}
