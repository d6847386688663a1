namespace Presence.Engine;

/// <summary>What holds for a session until its next heartbeat, and is more than its word can say: it stands beside the word.</summary>
/// <remarks>
/// A heartbeat finds a word that is not a live one, leaves the hot path, and makes it one again; so sessions without provisions pay nothing for them. The word names the provision by a version, so what was read of an
/// older one is never written. Thread safety: made under the lock of the client id, read by anyone.
/// </remarks>
internal sealed class Provision(long word, SessionTerms terms, Provision? previous)
{
    private Provision? _previous = previous;

    /// <summary>The session's word while this holds.</summary>
    public long Word { get; } = word;

    public SessionTerms Terms { get; } = terms;

    /// <summary>The one of a word, of this and the one that it is about to replace.</summary>
    public Provision? Of(long word) => word == Word ? this : Volatile.Read(ref _previous)?.Of(word);

    /// <summary>Lets the one that it has replaced go.</summary>
    public void ForgetPrevious() => Volatile.Write(ref _previous, null);
}
