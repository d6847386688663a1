namespace Presence.Redis.Store;

/// <summary>What a renewal answered.</summary>
/// <param name="NextLapse">How long it is until another's lease can lapse, if none is renewed; null if there is no other.</param>
/// <param name="Amnesty">For how long nobody is found dead, since the store was away; zero if it was not.</param>
/// <param name="Version">Changes when servers come or go.</param>
/// <param name="IsTurnToLook">Whether it is this server's turn to look for epochs that the store has forgotten.</param>
/// <param name="Duties">The dead epochs whose clients are this server's to take over.</param>
internal sealed record Renewal(TimeSpan? NextLapse, TimeSpan Amnesty, string Version, bool IsTurnToLook, string[] Duties);
