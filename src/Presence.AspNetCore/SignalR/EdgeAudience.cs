namespace Presence.AspNetCore;

/// <summary>Whom a hub tells that a group became occupied or vacated: everybody, or a SignalR group.</summary>
/// <remarks>Thread safety: immutable.</remarks>
public sealed class EdgeAudience
{
    private EdgeAudience(string? signalRGroup) => SignalRGroup = signalRGroup;

    /// <summary>All clients of the hub.</summary>
    public static EdgeAudience All { get; } = new(null);

    internal string? SignalRGroup { get; }

    /// <summary>The clients in a group of SignalR, to which the host adds them by <c>Groups.AddToGroupAsync</c>.</summary>
    /// <param name="name">The group of SignalR.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    public static EdgeAudience Group(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new EdgeAudience(name);
    }
}
