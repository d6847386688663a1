namespace Presence.Engine;

/// <summary>A session that a sweep found over its limit.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
/// <param name="Session">The session.</param>
/// <param name="Word">Its word. A heartbeat changes it, and so rescues the session.</param>
/// <param name="Terms">What it is judged by.</param>
/// <param name="Chunk">Where it is: the table may have let the chunk go meanwhile.</param>
internal readonly record struct DueSession(SessionId Session, long Word, SessionTerms Terms, SessionChunk Chunk)
{
    public int Limit => Terms.Limit;

    public int Index => (int)SessionTable.SlotOf(Session) & (SessionChunk.MaxSlots - 1);
}
