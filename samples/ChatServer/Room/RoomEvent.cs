namespace ChatServer;

/// <summary>Something that the page shows.</summary>
/// <param name="At">When, by the wall clock: for reading only.</param>
/// <param name="User">Who.</param>
/// <param name="What"><c>joined</c>, <c>suspected</c>, <c>recovered</c>, or the reason for which the user left.</param>
/// <param name="Server">The other server on which it was; null for this one.</param>
internal sealed record RoomEvent(DateTimeOffset At, string User, string What, string? Server);
