namespace Presence.Engine;

/// <summary>What a tick found.</summary>
internal sealed class SweepFindings
{
    public SessionBatches Closed { get; } = new();

    /// <summary>Over their limit and still open, each with the word that a heartbeat would change.</summary>
    public List<(SessionId Session, long Word)> LeftDue { get; } = [];

    public SessionBatches Suspected { get; } = new();

    public SessionBatches Recovered { get; } = new();
}
