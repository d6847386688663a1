namespace Presence.Engine;

/// <summary>Sessions in small arrays, each to be one work item: a million in one array would be a large object, and each of those brings a full collection nearer.</summary>
internal sealed class SessionBatches
{
    /// <summary>Few enough that a work item takes well under a millisecond.</summary>
    private const int BatchSize = 64;

    private readonly List<List<SessionId>> _all = [];

    public IReadOnlyList<IReadOnlyList<SessionId>> All => _all;

    public int Count { get; private set; }

    public void Add(SessionId session)
    {
        if (Count++ % BatchSize == 0)
        {
            _all.Add(new List<SessionId>(BatchSize));
        }

        _all[^1].Add(session);
    }
}
