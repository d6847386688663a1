namespace Presence;

/// <summary>What a join did.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct JoinResult
{
    /// <summary>The session that started.</summary>
    public required SessionId Session { get; init; }

    /// <summary>
    /// The session of the same client that the join ended, for the host to tear down by its <see cref="ClientStatus.State"/>; null if
    /// the client was offline.
    /// </summary>
    public ClientStatus? Replaced { get; init; }
}
