namespace Presence.Udp;

/// <summary>
/// Sends a sign of life on another way, such as a line on the business connection. Called instead of nothing at each heartbeat that is due while the server does
/// not acknowledge those over UDP, which go on meanwhile; and no longer once it does.
/// </summary>
/// <remarks>
/// It is called on the sender's thread, so it must return at once: post to what writes. Thread safety: called once at a time; <paramref name="confirm"/> may be
/// called on any thread.
/// </remarks>
/// <param name="confirm">
/// To be called when the server has it: at its answer, or, on a connection that would be closed otherwise, when it is written. Without that the sender says after the limit's
/// time that the client must log in again.
/// </param>
public delegate void HeartbeatFallback(Action confirm);
