namespace Presence.AspNetCore;

/// <summary>How heartbeats come by HTTP. Every default is safe; they are read when the endpoints are mapped.</summary>
/// <remarks>Thread safety: not for concurrent change; set it up before handing it over.</remarks>
public sealed class HttpHeartbeatOptions
{
    /// <summary>The greatest <see cref="MaxBeatsPerTick"/>: 1,000,000.</summary>
    public const int MaxMaxBeatsPerTick = 1_000_000;

    /// <summary>How many heartbeats a session may send in the time of a tick; more are answered by 429. Default 5, from 1 to <see cref="MaxMaxBeatsPerTick"/>.</summary>
    public int MaxBeatsPerTick { get; set; } = 5;
}
