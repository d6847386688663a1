namespace Presence.Redis.Tests.Faults;

/// <summary>Where a client is online.</summary>
/// <param name="Server">The server.</param>
/// <param name="Token">The session's fencing token; 0 if it is not published.</param>
/// <param name="IsInGrace">Whether the server is lost, and nobody has judged the client yet.</param>
internal readonly record struct Place(string Server, long Token, bool IsInGrace);
