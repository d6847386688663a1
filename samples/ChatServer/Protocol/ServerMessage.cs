using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatServer;

/// <summary>Everything that the server says: one record for each <c>type</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(WelcomeMessage), "welcome")]
[JsonDerivedType(typeof(JoinedMessage), "joined")]
[JsonDerivedType(typeof(LeftMessage), "left")]
[JsonDerivedType(typeof(SayMessage), "say")]
[JsonDerivedType(typeof(TellMessage), "tell")]
[JsonDerivedType(typeof(WhoMessage), "who")]
[JsonDerivedType(typeof(ErrorMessage), "error")]
internal abstract record ServerMessage
{
    /// <summary>The message as it goes over the wire, with its line feed.</summary>
    public byte[] ToLine() => [.. JsonSerializer.SerializeToUtf8Bytes(this, ChatJson.Default.ServerMessage), (byte)'\n'];
}

/// <param name="User">The user's name, in the form that the server compares.</param>
/// <param name="Session">The session that has started.</param>
/// <param name="Key">Signs the session's heartbeats; null, and not sent, where they are plain.</param>
/// <param name="Heartbeat">What the server expects of them.</param>
/// <param name="Online">Who is online: the first names.</param>
/// <param name="Count">How many are.</param>
/// <param name="Next">The last of these names, if there are more: ask for those after it. Else null, and not sent.</param>
internal sealed record WelcomeMessage(
    string User,
    string Session,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Key,
    HeartbeatTerms Heartbeat,
    IReadOnlyList<string> Online,
    int Count,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next) : ServerMessage;

/// <summary>Where and how often a client sends its heartbeats, and how many it may miss.</summary>
internal sealed record HeartbeatTerms(int Port, int IntervalMs, int ExpireAfter);

internal sealed record JoinedMessage(string User) : ServerMessage;

/// <param name="User">Who left.</param>
/// <param name="Reason">
/// <c>left</c>, <c>expired</c>, <c>disconnected</c>, <c>too-slow</c> or <c>too-fast</c>; in a cluster also <c>replaced</c>, <c>shutdown</c> or <c>server-lost</c>.
/// </param>
internal sealed record LeftMessage(string User, string Reason) : ServerMessage;

internal sealed record SayMessage(string From, string Text) : ServerMessage;

internal sealed record TellMessage(string From, string Text) : ServerMessage;

/// <param name="Online">A page of the names, in order.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Elsewhere">Those of the page who are on other servers; null, and not sent, where the server is alone.</param>
/// <param name="Next">The last of these names, if there are more. Else null, and not sent.</param>
internal sealed record WhoMessage(
    IReadOnlyList<string> Online,
    int Count,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RemoteUser>? Elsewhere,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next) : ServerMessage;

internal sealed record ErrorMessage(string Code, string Message) : ServerMessage;
