namespace Presence.Engine;

/// <summary>What a sweep found in one chunk.</summary>
internal sealed class SweepFindings
{
    public List<SessionId> Closed { get; } = [];

    /// <summary>Over their limit and still open, each with the word that a heartbeat would change.</summary>
    public List<(SessionId Session, long Word)> LeftDue { get; } = [];

    public List<SessionId> Suspected { get; } = [];

    public List<SessionId> Recovered { get; } = [];
}
