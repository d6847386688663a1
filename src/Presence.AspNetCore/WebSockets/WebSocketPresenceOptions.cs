namespace Presence.AspNetCore;

/// <summary>How WebSockets are sessions. Every default is safe; they are read when an endpoint is mapped.</summary>
/// <remarks>Thread safety: not for concurrent change; set it up before handing it over.</remarks>
public sealed class WebSocketPresenceOptions
{
    /// <summary>The text by which a client is asked whether it lives.</summary>
    public const string Probe = "presence?";

    /// <summary>The text that answers it, to be sent by the client's own message handler. Any other message of the client is a sign of life too.</summary>
    public const string Answer = "presence!";

    /// <summary>The status of a close: the client was not heard from for too long. It may connect again.</summary>
    public const int ExpiredStatus = 4001;

    /// <summary>The status of a close: the client has connected again, and has this session no more.</summary>
    public const int ReplacedStatus = 4002;

    /// <summary>The largest message, in bytes: 1 GiB.</summary>
    public const int MaxMaxMessageSize = 1024 * 1024 * 1024;

    /// <summary>
    /// After how many ticks without a sign of life a client is asked, once until it answers: from 1, and less than the limits that sessions join with. Default null, which is half of the tracker's <see cref="PresenceOptions.ExpireAfter"/>,
    /// rounded down: 2 of 5.
    /// </summary>
    public int? ProbeAfter { get; set; }

    /// <summary>
    /// Within how many ticks a session ends whose connection broke, or whose page was left or loaded again. Time for a client to come back. Default 3, from 1 to <see cref="PresenceOptions.MaxExpireAfter"/>.
    /// </summary>
    public int BrokenNotice { get; set; } = 3;

    /// <summary>The largest message that is taken from a client, in bytes; a larger one closes the WebSocket. Default 32 KiB, from 1 to <see cref="MaxMaxMessageSize"/>.</summary>
    public int MaxMessageSize { get; set; } = 32 * 1024;
}
