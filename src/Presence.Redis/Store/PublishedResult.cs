using System.Globalization;

namespace Presence.Redis.Store;

/// <summary>What came of an operation.</summary>
/// <param name="Token">For a join the fencing token of the session; 0 if a newer one is elsewhere.</param>
/// <param name="Stamp">For a join the stamp that the store has for it.</param>
internal readonly record struct PublishedResult(long Token, long Stamp)
{
    /// <summary>Reads <c>token/stamp</c>, <c>-</c> for a join that was refused, or what became of an end, which nobody asks for.</summary>
    public static PublishedResult Parse(ReadOnlySpan<char> text)
    {
        int slash = text.IndexOf('/');
        return slash < 0
            ? default
            : new PublishedResult(long.Parse(text[..slash], NumberStyles.None, CultureInfo.InvariantCulture), long.Parse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
