namespace ChatServer;

/// <summary>How many connections there may be, by how many files the process may open.</summary>
/// <param name="Chat">To the chat.</param>
/// <param name="Page">To the page.</param>
internal sealed record OpenFilesGrant(int Chat, int Page);
