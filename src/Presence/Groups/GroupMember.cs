namespace Presence;

/// <summary>A member of a group, as it was when it was read.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct GroupMember
{
    /// <summary>The member's session.</summary>
    public required ClientStatus Client { get; init; }

    /// <summary>Its own state in the group, if it has one.</summary>
    public object? State { get; init; }
}
