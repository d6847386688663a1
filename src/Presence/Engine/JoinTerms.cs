namespace Presence.Engine;

/// <summary>How a session starts, with every default filled in.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
internal readonly record struct JoinTerms
{
    public object? State { get; init; }

    /// <summary>Ticks without a heartbeat that the session survives.</summary>
    public required int Limit { get; init; }

    /// <summary>The groups that it enters.</summary>
    public string[] Groups { get; init; }

    /// <summary>The linger of these; null to leave it.</summary>
    public int? Linger { get; init; }

    /// <summary>Whether it replaces whatever session the client has.</summary>
    public bool ReplacesAny { get; init; }

    /// <summary>The one session that it replaces, and without which it does not start; null if none is named.</summary>
    public SessionId? Replaces { get; init; }

    /// <summary>Whether a client that has this session, or none, may join.</summary>
    public bool Permits(SessionId? current) => Replaces is { } named ? current == named : current is null || ReplacesAny;
}
