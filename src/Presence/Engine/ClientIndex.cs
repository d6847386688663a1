namespace Presence.Engine;

/// <summary>Finds each client's session by the client's id, and the lock that orders the client's joins and ends.</summary>
/// <remarks>Thread safety: finds take no lock; members that need the lock of the client id say so.</remarks>
internal sealed class ClientIndex
{
    private const int StripeBits = 8;

    private readonly ClientStripe[] _stripes;

    public ClientIndex(SessionTable table) => _stripes = [.. Enumerable.Range(0, 1 << StripeBits).Select(_ => new ClientStripe(table))];

    public IReadOnlyList<ClientStripe> Stripes => _stripes;

    public Lock LockOf(in ClientKey client) => StripeOf(client).Lock;

    /// <summary>Counts one heartbeat for the session that a client has. It misses one that takes the place of that very session meanwhile.</summary>
    public bool TryBeat(in ClientKey client) => StripeOf(client).TryBeat(client.Id, client.Hash);

    /// <summary>Finds the session that a client has, be it over or not; none if it just comes or goes.</summary>
    public bool TryFind(in ClientKey client, out SessionId session) => StripeOf(client).TryFind(client.Id, client.Hash, out session);

    /// <summary>Finds a client's slot and word, those of the session that takes its session's place if that is being replaced.</summary>
    public bool TryFindCurrent(in ClientKey client, out uint slot, out long word) => StripeOf(client).TryFindCurrent(client.Id, client.Hash, out slot, out word);

    /// <summary>Adds a client that is not here.</summary>
    public void AddNeedsLock(in ClientKey client, SessionId session) => StripeOf(client).AddNeedsLock(client.Id, client.Hash, session);

    /// <summary>Has a client found with its new session, and never without one.</summary>
    public void ReplaceNeedsLock(in ClientKey client, SessionId session, SessionId newSession) => StripeOf(client).ReplaceNeedsLock(client.Hash, session, newSession);

    /// <summary>Removes a client, unless it has a newer session.</summary>
    public void RemoveNeedsLock(in ClientKey client, SessionId session) => StripeOf(client).RemoveNeedsLock(client.Hash, session);

    /// <summary>By the bits of the hash that say least about the place in the stripe.</summary>
    public static int StripeNumberOf(in ClientKey client) => (int)(client.Hash >> (32 - StripeBits));

    private ClientStripe StripeOf(in ClientKey client) => _stripes[StripeNumberOf(client)];
}
