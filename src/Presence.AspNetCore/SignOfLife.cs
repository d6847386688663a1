namespace Presence.AspNetCore;

/// <summary>What counts as a sign of life of a connection.</summary>
public enum SignOfLife
{
    /// <summary>
    /// What the client's own code sends: invocations, stream items, and its answers to the server's questions. The keep-alive of a transport or of SignalR does not count: some clients send it from a timer of the library, which
    /// goes on when the application hangs.
    /// </summary>
    Messages,

    /// <summary>Whatever comes in on the connection, also a keep-alive, or a part of a message. A weaker sign: that the process and its network live.</summary>
    Bytes,
}
