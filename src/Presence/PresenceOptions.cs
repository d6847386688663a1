namespace Presence;

/// <summary>How a tracker judges its clients. Every default is safe; a tracker copies what it is given.</summary>
/// <remarks>Thread safety: not for concurrent change; set it up before handing it over.</remarks>
public sealed class PresenceOptions
{
    /// <summary>The longest client id, in UTF-16 code units.</summary>
    public const int MaxClientIdLength = 256;

    /// <summary>The longest key of a group, in UTF-16 code units.</summary>
    public const int MaxGroupLength = 256;

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

    /// <summary>
    /// A client whose count exceeds this is suspect, which a heartbeat undoes. Default null, which is half of each client's own limit, rounded down: 2 of 5; at a limit of 1 nobody
    /// is suspect. Else from 0 (nobody is suspect) to <see cref="MaxExpireAfter"/>, for all clients alike. At a client's limit or above it has no effect.
    /// </summary>
    /// <remarks>A default of 2 whatever the limit would suspect every client that has a long limit because it beats but once a minute.</remarks>
    public int? SuspectAfter { get; set; }

    /// <summary>What a heartbeat does to the count. Default <see cref="HeartbeatRule.Reset"/>.</summary>
    public HeartbeatRule Rule { get; set; } = HeartbeatRule.Reset;

    /// <summary>
    /// The amnesty: how many ticks may count against nobody, because the server, not its clients, was in trouble. All guards draw on it, and each
    /// <see cref="ExpireAfter"/> + 1 ticks that judge everybody give one back; under the classic rule, by which a client may be a heartbeat ahead, + 2. When it is used up even late ticks count, so a server that is always late
    /// still expires the dead. Default null, which is <see cref="ExpireAfter"/>; from 0 (late ticks always count) to <see cref="MaxExpireAfter"/>.
    /// </summary>
    /// <remarks>
    /// At defaults a dead client ends at most 2 <see cref="ExpireAfter"/> + 2 ticks after its last heartbeat, however troubles are spaced, and at most
    /// 4 <see cref="ExpireAfter"/> + 2 ticks after it if the mass guard (<see cref="MaxHeldTicks"/>) holds it too.
    /// </remarks>
    public int? MaxWithheldTicks { get; set; }

    /// <summary>
    /// When more than this share of the clients, and at least <see cref="MassExpiryMinimum"/>, fall silent within one limit's time (each within its own), expiries
    /// are held back, because the cause is likelier on the server's side. Default 0.5, over 0 to 1; at 1 expiries are never held.
    /// </summary>
    public double MassExpiryShare { get; set; } = 0.5;

    /// <summary>
    /// How many clients must fall silent for <see cref="MassExpiryShare"/> to say anything: of three, two may well be gone at once. Default 10, from 1.
    /// </summary>
    public int MassExpiryMinimum { get; set; } = 10;

    /// <summary>
    /// For how many ticks a client that is due is held back at most. Then it is expired if it is still silent, and so are the others like it, however many they
    /// are, until the mass is over. Default null, which is twice each session's own limit; from 0 (never held) to <see cref="MaxExpireAfter"/>.
    /// </summary>
    public int? MaxHeldTicks { get; set; }

    /// <summary>
    /// How many clients a tick expires at most, so that a host is not swamped by its own teardown: those that have been over their limit for longest. The others stay suspect, and a
    /// heartbeat rescues them. A client that is over its limit with n others that were so no later is expired within (n + 1) / <see cref="MaxExpirationsPerTick"/> ticks, rounded up,
    /// whatever others do. Default null, which is all; from 1.
    /// </summary>
    public int? MaxExpirationsPerTick { get; set; }

    /// <summary>
    /// Asked about each client before it is expired: true to expire it, false if it is alive after all, which counts as a heartbeat. Runs on the
    /// thread pool. A heartbeat meanwhile rescues the client; no answer within <see cref="ConfirmTimeout"/>, or an exception, expires it. Default null:
    /// nobody is asked. With many clients set <see cref="MaxExpirationsPerTick"/> too, which then bounds the new questions of a tick. A call that blocks its thread is given up as one that
    /// does not answer, though its thread is lost until it returns.
    /// </summary>
    public Func<ClientStatus, CancellationToken, ValueTask<bool>>? ConfirmExpiry { get; set; }

    /// <summary>How long <see cref="ConfirmExpiry"/> has for its answer. Default 1 s, over zero to one day.</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For how many ticks a group is still occupied after its last member has left, unless it is given a linger of its own: who comes back within them was never away. Default 0, to
    /// <see cref="MaxExpireAfter"/>.
    /// </summary>
    public int GroupLinger { get; set; }

    /// <summary>
    /// How long later changes of a client wait for a callback that was told of an earlier one. Then that is logged and counted, and no longer waited for. Default 30 s, over
    /// zero to one day. Measured by the tracker's <see cref="TimeProvider"/>.
    /// </summary>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long disposing the tracker waits for callbacks that have not returned. Default 5 s, from zero to one day.
    /// </summary>
    public TimeSpan CallbackDrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
