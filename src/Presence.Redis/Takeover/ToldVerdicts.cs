using System.Collections.Concurrent;
using Presence.Redis.Store;

namespace Presence.Redis.Takeover;

/// <summary>The verdicts that were told in this process, so that none is told twice: the answer of the store that names one may be older than the one by which it was told.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class ToldVerdicts
{
    private readonly ConcurrentDictionary<Verdict, bool> _isSettled = new();

    /// <summary>Whether some callbacks have not run yet, or the store does not know it.</summary>
    public bool HasUnsettled => _isSettled.Values.Contains(false);

    /// <summary>Whether it is to be told now.</summary>
    public bool TryTell(Verdict verdict) => _isSettled.TryAdd(verdict, false);

    public void Settle(Verdict verdict) => _isSettled[verdict] = true;

    /// <summary>Forgets those that are settled. No answer of the store that could name them is outstanding.</summary>
    public void ForgetSettled()
    {
        foreach ((Verdict verdict, bool isSettled) in _isSettled)
        {
            if (isSettled)
            {
                _isSettled.TryRemove(verdict, out _);
            }
        }
    }
}
