namespace Presence.Udp;

/// <summary>
/// Asks an application whether it is alive: posts <paramref name="answer"/> to where the application really runs, such as its event loop's queue, and
/// returns without waiting for it.
/// </summary>
/// <remarks>
/// It is called on the sender's thread, so if it blocks, no heartbeat is sent either. If it cannot post, it must throw:
/// the sender then asks again. A question that is dropped in silence is never answered, and the client falls silent for good.
/// To ask two places, have the first post to the second. Thread safety: called once at a time; <paramref name="answer"/> may be called on any thread.
/// </remarks>
/// <param name="answer">To be called by the application. It returns at once; calling it again does nothing.</param>
public delegate void HeartbeatProbe(Action answer);
