using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>What a tick found.</summary>
internal sealed class SweepFindings(int expireAfter)
{
    private readonly Dictionary<int, int> _closedByOwnLimit = [];
    private int _closedByOwn;

    public SessionBatches Closed { get; } = new();

    /// <summary>How many were closed, by their limit.</summary>
    public IEnumerable<(int Limit, int Count)> ClosedByLimit =>
        _closedByOwnLimit.Select(pair => (pair.Key, pair.Value)).Prepend((expireAfter, Closed.Count - _closedByOwn));

    /// <summary>Over their limit, and to be asked about.</summary>
    public List<DueSession> ToAsk { get; } = [];

    /// <summary>How many are over their limit and were kept by the hold.</summary>
    public int Held { get; set; }

    /// <summary>The longest limit of those that are over it and that the hold does not keep; 0 if there is none.</summary>
    public int ReleasedLimit { get; set; }

    public SessionBatches Suspected { get; } = new();

    public SessionBatches Recovered { get; } = new();

    public void AddClosed(in DueSession due)
    {
        Closed.Add(due.Session);
        if (due.Limit != expireAfter) // as most have: a million of them cost a million looks into a dictionary
        {
            _closedByOwn++;
            CollectionsMarshal.GetValueRefOrAddDefault(_closedByOwnLimit, due.Limit, out _)++;
        }
    }
}
