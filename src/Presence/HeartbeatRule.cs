namespace Presence;

/// <summary>What a heartbeat does to its client's count of ticks.</summary>
/// <remarks>
/// Every tick adds 1 to every count, and a client whose count exceeds its limit is expired. Both rules detect a dead
/// client after the same time; they differ in what a lost heartbeat costs a healthy one.
/// </remarks>
public enum HeartbeatRule
{
    /// <summary>A heartbeat sets the count to 0, so that only heartbeats lost in a row matter. The default.</summary>
    /// <remarks>At loss rate p and limit K a client is expired falsely about every 1/((1 - p) p^K) ticks: at 1 % and 5, once in centuries.</remarks>
    Reset = 0,

    /// <summary>A heartbeat subtracts 1, to -1 at the lowest: the classic rule, to the letter.</summary>
    /// <remarks>
    /// Each lost heartbeat stays on the count for good, so at loss rate p a healthy client is expired after 5/p to 6/p ticks
    /// (limit 5; at 1 %, 8 to 10 minutes). <c>HeartbeatDebtTests</c> measures it.
    /// </remarks>
    Decrement = 1,
}
