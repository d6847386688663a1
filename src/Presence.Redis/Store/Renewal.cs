namespace Presence.Redis.Store;

/// <summary>What a renewal answered.</summary>
/// <param name="NextLapse">How long it is until another's lease can lapse, if none is renewed; null if there is no other.</param>
/// <param name="Duties">The dead epochs whose clients are this server's to take over.</param>
/// <param name="Servers">Every epoch in the store.</param>
internal sealed record Renewal(TimeSpan? NextLapse, string[] Duties, IReadOnlyList<ServerRecord> Servers);
