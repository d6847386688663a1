namespace Presence.Redis.Store;

/// <summary>One epoch in the store.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Name">The name of its server.</param>
/// <param name="IsDead">Whether its lease was found lapsed.</param>
internal sealed record ServerRecord(string Epoch, string Name, bool IsDead);
