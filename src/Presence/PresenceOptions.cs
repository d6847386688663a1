namespace Presence;

/// <summary>How a tracker judges its clients. Every default is safe; a tracker copies what it is given.</summary>
/// <remarks>Thread safety: not for concurrent change; set it up before handing it over.</remarks>
public sealed class PresenceOptions
{
    /// <summary>The longest client id, in UTF-16 code units.</summary>
    public const int MaxClientIdLength = 256;

    /// <summary>The largest limit, in ticks: eleven days at a second each.</summary>
    public const int MaxExpireAfter = 1_000_000;

    /// <summary>The shortest tick interval: 1 ms.</summary>
    public static TimeSpan MinTickInterval => TimeSpan.FromMilliseconds(1);

    /// <summary>The longest tick interval: one day.</summary>
    public static TimeSpan MaxTickInterval => TimeSpan.FromDays(1);

    /// <summary>
    /// Time between two ticks; clients send a heartbeat each. Default 1 s, from <see cref="MinTickInterval"/> to
    /// <see cref="MaxTickInterval"/>. It sets up the default tick source; another source has its own.
    /// </summary>
    public TimeSpan TickInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A client whose count exceeds this is expired: with no heartbeat at all, at tick <c>ExpireAfter + 1</c> after its join. Default 5, from
    /// 1 to <see cref="MaxExpireAfter"/>. A session may join with its own.
    /// </summary>
    public int ExpireAfter { get; set; } = 5;

    /// <summary>What a heartbeat does to the count. Default <see cref="HeartbeatRule.Reset"/>.</summary>
    public HeartbeatRule Rule { get; set; } = HeartbeatRule.Reset;

    /// <summary>
    /// How many late ticks in a row count against nobody, because the server, not its clients, stood still. After that even late
    /// ticks count, so a server that is always late still expires the dead. Default null, which is <see cref="ExpireAfter"/>; from
    /// 0 (late ticks always count) to <see cref="MaxExpireAfter"/>.
    /// </summary>
    public int? MaxWithheldTicks { get; set; }

    /// <summary>
    /// How long disposing the tracker waits for expiry callbacks that have not returned. Default 5 s, from zero to one day.
    /// </summary>
    public TimeSpan CallbackDrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
