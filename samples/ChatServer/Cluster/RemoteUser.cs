namespace ChatServer;

/// <summary>Somebody who is online on another server, as clients and the page are told it.</summary>
/// <param name="User">Who.</param>
/// <param name="Server">The name of that server.</param>
internal sealed record RemoteUser(string User, string Server);
