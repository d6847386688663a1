namespace ChatServer;

/// <summary>Every error that a client can be told.</summary>
internal static class Errors
{
    public static readonly ErrorMessage BadJson = new("bad-json", "Send one JSON object a line, in UTF-8.");
    public static readonly ErrorMessage UnknownType = new("unknown-type", "The type is one of login, say, tell, who and logout.");
    public static readonly ErrorMessage LineTooLong = new("line-too-long", $"A line has at most {ChatOptions.MaxLineBytes} bytes. Goodbye.");
    public static readonly ErrorMessage NotLoggedIn = new("not-logged-in", "Log in first: {\"type\":\"login\",\"user\":\"your-name\"}.");
    public static readonly ErrorMessage LoginTimeout = new("login-timeout", "You did not log in in time. Goodbye.");
    public static readonly ErrorMessage AlreadyLoggedIn = new("already-logged-in", "This connection is logged in. Log out, and connect again.");
    public static readonly ErrorMessage BadName = new("bad-name", $"A name is 1 to {UserName.MaxLength} letters, digits, '-' or '_'.");
    public static readonly ErrorMessage NameInUse = new("name-in-use", "Somebody of that name is online. Choose another.");
    public static readonly ErrorMessage NotOnline = new("not-online", "Nobody of that name is online.");
    public static readonly ErrorMessage Replaced = new("replaced", "Somebody of that name has logged in on another server. Goodbye.");
    public static readonly ErrorMessage Expired = new("expired", "No heartbeat came from you in time. Goodbye.");

    public static ErrorMessage BadMessage(string field) => new("bad-message", $"The field '{field}' must be there and be text that is not empty.");
}
