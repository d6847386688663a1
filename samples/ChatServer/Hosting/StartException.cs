namespace ChatServer;

/// <summary>The server cannot start, and the message says what to do about it. (Kestrel passes on an IOException at once, where it would try another address after others.)</summary>
internal sealed class StartException(string message, Exception? cause = null) : IOException(message, cause);
