namespace Presence.Redis.Store;

/// <summary>A group without members that a server holds occupied, as it lingers in that server's tracker.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The server's epoch.</param>
/// <param name="Batch">The batch by which it came to hold it.</param>
internal readonly record struct GroupHold(string Group, string Epoch, long Batch);
