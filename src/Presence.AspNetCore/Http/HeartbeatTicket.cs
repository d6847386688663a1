namespace Presence.AspNetCore.Http;

/// <summary>What a device is told at its login.</summary>
/// <param name="Token">To be sent as <c>Authorization: Bearer …</c> with each heartbeat.</param>
/// <param name="Interval">Seconds between two heartbeats.</param>
/// <param name="ExpireAfter">The session ends after more than so many intervals without one.</param>
internal sealed record HeartbeatTicket(string Token, double Interval, int ExpireAfter);
