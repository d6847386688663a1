namespace ChatClient;

/// <summary>There is no connection to a chat server; the message says why, and what to do.</summary>
internal sealed class LinkException(string message, Exception? cause = null) : Exception(message, cause);
