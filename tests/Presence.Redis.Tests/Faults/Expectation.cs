namespace Presence.Redis.Tests.Faults;

/// <summary>What must come of what a test does to servers and clients.</summary>
internal sealed class Expectation
{
    private readonly HashSet<string> _dead = [];

    /// <summary>On which server each client is online at the end.</summary>
    public Dictionary<string, string> Online { get; } = [];

    /// <summary>How each session of a living server's tracker ends, if it does. A client logs in once on a server, so server and client name it.</summary>
    public Dictionary<(string Server, string Client), PresenceChanges> Ends { get; } = [];

    /// <summary>The clients that were on a server that died, when it did.</summary>
    public HashSet<string> OnDead { get; } = [];

    public static string NameOf(int client) => $"c{client}";

    public void Login(string server, Range clients) => ForEach(clients, client =>
    {
        if (Online.TryGetValue(client, out string? before) && !_dead.Contains(before))
        {
            Ends.Add((before, client), PresenceChanges.Replaced);
        }

        Online[client] = server;
    });

    public void End(string server, Range clients, PresenceChanges kind) => ForEach(clients, client =>
    {
        Ends.Add((server, client), kind);
        Online.Remove(client);
    });

    public void Die(string server)
    {
        _dead.Add(server);
        OnDead.UnionWith(Online.Where(pair => pair.Value == server).Select(pair => pair.Key));
    }

    /// <summary>Takes in that all faults are over.</summary>
    public void Settle()
    {
        foreach (string client in Online.Where(pair => _dead.Contains(pair.Value)).Select(pair => pair.Key).ToArray())
        {
            Online.Remove(client);
        }
    }

    private static void ForEach(Range clients, Action<string> act)
    {
        for (int client = clients.Start.Value; client < clients.End.Value; client++)
        {
            act(NameOf(client));
        }
    }
}
