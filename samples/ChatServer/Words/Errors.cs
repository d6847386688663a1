namespace ChatServer;

/// <summary>Every error that a client can be told: a code for programs, and words for people.</summary>
internal static class Errors
{
    private const int LongestQuote = 40;

    public static readonly ErrorMessage BadJson = new("bad-json", "That is no JSON object. Send one a line, in UTF-8, such as {\"type\":\"who\"}.");
    public static readonly ErrorMessage LineTooLong = new("line-too-long", $"A line has at most {ChatOptions.MaxLineBytes} bytes, and this one has more. Goodbye.");
    public static readonly ErrorMessage LoginTimeout = new("login-timeout", "You did not log in in time. Connect again, and log in at once.");
    public static readonly ErrorMessage AlreadyLoggedIn = new("already-logged-in", "This connection is logged in. Log out, and connect again.");
    public static readonly ErrorMessage Replaced = new("replaced", "Somebody of your name has logged in on another server. Goodbye.");
    public static readonly ErrorMessage Resumed = new("replaced", "Your session goes on over another connection of yours. Goodbye.");
    public static readonly ErrorMessage Expired = new("expired", "No heartbeat came from you in time. Log in again.");
    public static readonly ErrorMessage Failed = new("failed", "Something went wrong in the server. Connect again.");
    public static readonly ErrorMessage SlowDown = new("slow-down", "You send more lines than anyone may, so this one was passed over. Wait a few seconds.");
    public static readonly ErrorMessage TooFast = new("slow-down", "You went on sending more lines than anyone may. Goodbye.");
    public static readonly ErrorMessage Busy = new("busy", "So much is being said that this was not passed on. Say it again in a second.");

    public static ErrorMessage UnknownType(string? type) => new("unknown-type", $"The type is one of login, say, tell, who, heartbeat and logout, and not {Quote(type)}.");

    public static ErrorMessage BadMessage(string field) => new("bad-message", $"The field '{field}' must be there, and be text that is not empty.");

    public static ErrorMessage NotLoggedIn(string? type) => new("not-logged-in", $"Before {Quote(type)}, log in: {{\"type\":\"login\",\"user\":\"your-name\"}}.");

    public static ErrorMessage BadName(string name) => new(
        "bad-name", $"{Quote(name)} cannot be a name. One is 1 to {UserName.MaxLength} letters and digits of one script, with '-' or '_' between them if you like.");

    public static ErrorMessage NameInUse(string name) => new("name-in-use", $"Somebody is online as {Quote(name)}. Choose another name.");

    public static ErrorMessage NotOnline(string name) => new("not-online", $"Nobody is online as {Quote(name)}. Ask who is.");

    /// <summary>Says what was given; some of it, if it is long.</summary>
    private static string Quote(string? given) =>
        given is null ? "nothing" : given.Length <= LongestQuote ? $"'{given}'" : $"'{given[..(char.IsHighSurrogate(given[LongestQuote - 1]) ? LongestQuote - 1 : LongestQuote)]}…'";
}
