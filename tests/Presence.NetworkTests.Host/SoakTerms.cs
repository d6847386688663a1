namespace Presence.NetworkTests.Host;

/// <summary>What a client may expect of the server of a soak.</summary>
/// <param name="Host">Its address.</param>
/// <param name="Port">Its port, on TCP and UDP.</param>
/// <param name="Tick">Its interval.</param>
/// <param name="Limit">In ticks.</param>
/// <param name="LongestFreeze">For which it stands still at the most.</param>
internal sealed record SoakTerms(string Host, int Port, TimeSpan Tick, int Limit, TimeSpan LongestFreeze)
{
    /// <summary>Nobody is expired sooner after his last heartbeat: it may have come just before a tick.</summary>
    public TimeSpan Soonest => (Limit - 1) * Tick;

    /// <summary>The same for one who fell silent just when the path had lost his last heartbeats: five in a row are lost once in three million times.</summary>
    public TimeSpan SoonestIfLost => Soonest - (4 * Tick);

    /// <summary>
    /// Nor later: the limit, a freeze, all that the guards may withhold and hold (one limit and two), and some seconds to get through a busy machine.
    /// </summary>
    public TimeSpan Latest => (((4 * Limit) + 1) * Tick) + LongestFreeze + TimeSpan.FromSeconds(5);
}
