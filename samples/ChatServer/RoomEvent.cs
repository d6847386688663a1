namespace ChatServer;

/// <summary>Something that the page shows.</summary>
/// <param name="At">When, by the wall clock: for reading only.</param>
/// <param name="User">Who.</param>
/// <param name="What"><c>joined</c>, <c>suspected</c>, <c>recovered</c>, or the reason for which the user left.</param>
internal sealed record RoomEvent(DateTimeOffset At, string User, string What);
