using Microsoft.AspNetCore.SignalR;

namespace Presence.AspNetCore;

/// <summary>How the connections of SignalR's hubs are sessions. Every default is safe; they are read when a hub is first mapped.</summary>
/// <remarks>Thread safety: not for concurrent change; set it up before handing it over.</remarks>
public sealed class SignalRPresenceOptions
{
    /// <summary>
    /// The method of the client by which it is asked whether it lives. It takes nothing, and what it answers is all the same: also the error that a client sends which has no such method is an answer.
    /// </summary>
    public const string ProbeMethod = "PresenceProbe";

    /// <summary>The method of the client that is told by <see cref="Audience"/>: it takes the group, and whether that is occupied now.</summary>
    public const string EdgeMethod = "PresenceChanged";

    /// <summary>The key of the tracker, as given to <c>AddKeyedPresence</c>. Default null, which is the tracker without a key.</summary>
    public string? Tracker { get; set; }

    /// <summary>Which hubs, by their type, have sessions. Default null, which is all, those of Blazor Server among them. A hub that has none is left as it is.</summary>
    public Func<Type, bool>? Hubs { get; set; }

    /// <summary>
    /// The groups that a connection's session enters when it starts, such as one for its user, so that this user is online with the first tab and offline with the last. Default null, which is none. If it throws, the connection is refused.
    /// </summary>
    public Func<HubConnectionContext, IReadOnlyList<string>>? Groups { get; set; }

    /// <summary>Ticks without a sign of life that a session survives, from 1 to <see cref="PresenceOptions.MaxExpireAfter"/>. Default null, which is the tracker's <see cref="PresenceOptions.ExpireAfter"/>.</summary>
    public int? ExpireAfter { get; set; }

    /// <summary>
    /// After how many ticks without a sign of life a client is asked, once until it answers: from 1, and no more than the limit. Default null, which is half of the limit, rounded down: 2 of 5. The rest is how long a client has for its answer.
    /// </summary>
    public int? ProbeAfter { get; set; }

    /// <summary>
    /// Within how many ticks a session ends whose connection broke, without the client having stopped it. Time for a client to come back, so that its user is never told offline. Default 3, from 1 to <see cref="PresenceOptions.MaxExpireAfter"/>.
    /// </summary>
    public int BrokenNotice { get; set; } = 3;

    /// <summary>What counts as a sign of life. Default <see cref="SignOfLife.Messages"/>.</summary>
    public SignOfLife SignOfLife { get; set; } = SignOfLife.Messages;

    /// <summary>
    /// Whom a hub tells that a group became occupied or vacated, by the group: <c>_ => EdgeAudience.All</c> tells all of each. Null for a group of which nobody is told. Clients are told by their method <see cref="EdgeMethod"/>. Default null, which tells nobody of any.
    /// </summary>
    public Func<string, EdgeAudience?>? Audience { get; set; }
}
