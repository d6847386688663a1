namespace Presence.Engine;

/// <summary>A session that a sweep found over its limit.</summary>
/// <remarks>Thread safety: an immutable value.</remarks>
/// <param name="Session">The session.</param>
/// <param name="Word">Its word. A heartbeat changes it, and so rescues the session.</param>
/// <param name="Limit">Its limit.</param>
internal readonly record struct DueSession(SessionId Session, long Word, int Limit);
