namespace Presence;

/// <summary>One step of a watch: who is there, comes, changes or goes.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
public readonly record struct WatchEvent
{
    /// <summary>What it says.</summary>
    public required WatchEventKind Kind { get; init; }

    /// <summary>The client's session, as it was at that moment; the default for <see cref="WatchEventKind.Reset"/>.</summary>
    public ClientStatus Client { get; init; }

    /// <summary>In a watch of a group the member's own state there, if it has one.</summary>
    public object? GroupState { get; init; }
}
