
namespace ChatServer;

/// <summary>What the page shows, all of it each time: a browser that is slow or comes back misses nothing that matters.</summary>
/// <param name="Connections">How many are open.</param>
/// <param name="Online">Who is online here.</param>
/// <param name="Elsewhere">Who is online on other servers, which alone know their counts; null where the server is alone.</param>
/// <param name="Events">What happened last, the newest first.</param>
internal sealed record Status(int Connections, IReadOnlyList<OnlineUser> Online, IReadOnlyList<RemoteUser>? Elsewhere, IReadOnlyList<RoomEvent> Events);

/// <param name="User">Who.</param>
/// <param name="Count">The heartbeat count now.</param>
/// <param name="ExpireAfter">The count over which the user is gone.</param>
/// <param name="IsSuspect">Whether the user has missed so many heartbeats that it may well be gone.</param>
internal sealed record OnlineUser(string User, int Count, int ExpireAfter, bool IsSuspect);
