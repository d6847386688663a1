namespace ChatServer;

/// <summary>What a user said, on its way to the other servers.</summary>
/// <param name="Server">The name of the server that the user is on.</param>
/// <param name="From">Who said it.</param>
/// <param name="To">To whom alone; null for everyone.</param>
/// <param name="Text">What.</param>
internal sealed record RelayedMessage(string Server, string From, string? To, string Text);
