namespace ChatServer;

/// <summary>What the page shows, all of it each time: a browser that is slow or comes back misses nothing that matters.</summary>
internal sealed record Status(int Connections, IReadOnlyList<OnlineUser> Online, IReadOnlyList<RoomEvent> Events);

/// <param name="User">Who.</param>
/// <param name="Count">The heartbeat count now.</param>
/// <param name="ExpireAfter">The count over which the user is gone.</param>
/// <param name="IsSuspect">Whether the user has missed so many heartbeats that it may well be gone.</param>
internal sealed record OnlineUser(string User, int Count, int ExpireAfter, bool IsSuspect);
