namespace Presence;

/// <summary>What happens to sessions, for one reader: awaited as it comes, or polled by a loop of the host's.</summary>
/// <remarks>Thread safety: for one reader, which does one of the two. It may be disposed of from any thread.</remarks>
public interface IChangeReader : IAsyncEnumerable<PresenceChange>, IDisposable
{
    /// <summary>Takes the next change, if there is one, and never waits.</summary>
    /// <param name="change">The change.</param>
    /// <returns>Whether there was one. If not, there may be later, until the tracker is disposed.</returns>
    /// <exception cref="ChangesLostException">The reader fell behind, and has read all that came before the first change lost.</exception>
    bool TryRead(out PresenceChange change);
}
