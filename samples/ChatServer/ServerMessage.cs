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
    public byte[] ToLine() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Wire.Json.ServerMessage), (byte)'\n'];
}

internal sealed record WelcomeMessage(string User, string Session, HeartbeatTerms Heartbeat, IReadOnlyList<string> Online) : ServerMessage;

/// <summary>Where and how often a client sends its heartbeats, and how many it may miss.</summary>
internal sealed record HeartbeatTerms(int Port, int IntervalMs, int ExpireAfter);

internal sealed record JoinedMessage(string User) : ServerMessage;

/// <param name="User">Who left.</param>
/// <param name="Reason"><c>left</c>, <c>expired</c> or <c>disconnected</c>.</param>
internal sealed record LeftMessage(string User, string Reason) : ServerMessage;

internal sealed record SayMessage(string From, string Text) : ServerMessage;

internal sealed record TellMessage(string From, string Text) : ServerMessage;

internal sealed record WhoMessage(IReadOnlyList<string> Online) : ServerMessage;

internal sealed record ErrorMessage(string Code, string Message) : ServerMessage;
