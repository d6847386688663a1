namespace Presence.Watch;

/// <summary>What was there when a watch began.</summary>
/// <param name="Present">Who was there.</param>
/// <param name="ReadUpTo">How many changes at the head of the buffer were before a change's client or group was read.</param>
internal readonly record struct WatchStart(List<WatchEvent> Present, Func<PresenceChange, int> ReadUpTo);
