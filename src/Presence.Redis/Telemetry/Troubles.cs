using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Redis.Store;

namespace Presence.Redis.Telemetry;

/// <summary>What does not work just now, and for how long: told once when it is more than a moment's trouble, and once when it is over.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class Troubles(TimeSpan moment, TimeProvider timeProvider, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Trouble> _all = new(StringComparer.Ordinal);

    /// <summary>How many there are that were told.</summary>
    public int Count => _all.Count(trouble => trouble.Value.IsTold);

    /// <summary>What they are; null if there is none.</summary>
    public string? Describe()
    {
        string text = string.Join("; ", _all.Where(trouble => trouble.Value.IsTold).OrderBy(trouble => trouble.Key, StringComparer.Ordinal).Select(trouble => $"{trouble.Key}: {trouble.Value.Reason}"));
        return text.Length == 0 ? null : text;
    }

    /// <summary>Takes in that something failed. A refusal is told at once, since waiting does not mend it; else what lasts.</summary>
    /// <param name="what">What was tried.</param>
    /// <param name="exception">Why it failed.</param>
    public void Report(string what, Exception exception)
    {
        Trouble trouble = _all.GetOrAdd(what, static (_, since) => new Trouble(since), timeProvider.GetTimestamp());
        bool isNews;
        lock (trouble)
        {
            trouble.Reason = exception.Message;
            isNews = !trouble.IsTold && (StoreFailure.IsRefusal(exception) || !StoreFailure.Is(exception) || timeProvider.GetElapsedTime(trouble.Since) > moment);
            trouble.IsTold |= isNews;
        }

        if (isNews)
        {
            Log.TroubleBegan(logger, exception, what);
        }
    }

    /// <summary>Takes in that something works.</summary>
    public void Clear(string what)
    {
        if (!_all.IsEmpty && _all.TryRemove(what, out Trouble? trouble) && trouble.IsTold)
        {
            Log.TroubleOver(logger, what, timeProvider.GetElapsedTime(trouble.Since));
        }
    }

    private sealed class Trouble(long since)
    {
        public long Since => since;

        public string Reason { get; set; } = string.Empty;

        public bool IsTold { get; set; }
    }
}
