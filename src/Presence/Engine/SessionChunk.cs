namespace Presence.Engine;

/// <summary>4,096 slots. Words and records stand in arrays of their own, so that a sweep reads words and nothing else.</summary>
internal sealed class SessionChunk
{
    public const int SlotBits = 12;
    public const int Slots = 1 << SlotBits;

    public SessionChunk() => Array.Fill(Words, SessionWord.Free);

    public long[] Words { get; } = new long[Slots];

    public SessionRecord[] Records { get; } = new SessionRecord[Slots];

    /// <summary>Whether some session here ever had a limit of its own, so that heartbeats must read it from the record.</summary>
    public bool HasOwnLimits { get; set; }
}
