using System.Collections.Concurrent;
using Presence.Redis;
using StackExchange.Redis;

namespace ChatServer;

/// <summary>Who is online on the other servers, as far as this one was told, and the way to them.</summary>
/// <remarks>Thread safety: any thread; the <see cref="Room"/> changes it, under its own lock.</remarks>
internal sealed class Elsewhere(IPresenceCluster cluster, Relay relay)
{
    private readonly ConcurrentDictionary<string, ClusterClient> _users = new(StringComparer.Ordinal);

    public ICollection<ClusterClient> Users => _users.Values;

    public bool Contains(string user) => _users.ContainsKey(user);

    public string ServerOf(string user) => _users.GetValueOrDefault(user).Server ?? "";

    /// <summary>Takes a user in, unless a session is known that is as new.</summary>
    /// <returns>Whether nobody of that name was there.</returns>
    public bool Add(ClusterClient client)
    {
        bool isNew = !_users.TryGetValue(client.ClientId, out ClusterClient known);
        if (client.FencingToken > known.FencingToken)
        {
            _users[client.ClientId] = client;
        }

        return isNew;
    }

    /// <summary>Takes a user out, unless that user is back with a newer session.</summary>
    public bool Remove(string user, long fencingToken, out string server)
    {
        bool isIt = _users.TryGetValue(user, out ClusterClient known) && known.FencingToken == fencingToken;
        server = isIt ? known.Server : "";
        return isIt && _users.TryRemove(user, out _);
    }

    public void Say(string from, string text) => relay.Send(from, to: null, text);

    /// <summary>Says something to one.</summary>
    /// <returns>Whether that one is online on another server.</returns>
    public bool Tell(string from, string to, string text)
    {
        if (!Contains(to))
        {
            return false;
        }

        relay.Send(from, to, text);
        return true;
    }

    /// <summary>Whether somebody on another server has a name, so that nobody can log in with it here. Those of a server that is lost may: that is their grace.</summary>
    /// <remarks>
    /// Two who log in on two servers in the same instant both pass. Then the one who was a little later stays, and the other is <c>Replaced</c>.
    /// </remarks>
    public async Task<bool> IsTakenAsync(string user)
    {
        if (!Contains(user))
        {
            return false; // nobody waits for the store because of a name that is free
        }

        try
        {
            return await cluster.FindAsync(user) is { IsInGrace: false } found && found.Server != cluster.ServerName;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return true; // as it was when the store could be reached
        }
    }
}
