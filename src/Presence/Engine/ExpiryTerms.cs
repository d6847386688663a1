namespace Presence.Engine;

/// <summary>What a sweep does with those it finds over their limit. The default closes them all.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
internal readonly record struct ExpiryTerms
{
    /// <summary>Whom it keeps as they are.</summary>
    public ExpiryHold Hold { get; init; }

    /// <summary>How many of the others it sees to, those that have been due for longest; null for all.</summary>
    public int? MaxSeenTo { get; init; }

    /// <summary>If given, it names them in place of closing them, but for those of whom this says that they are being asked about.</summary>
    public Func<SessionId, bool>? IsAsked { get; init; }
}
