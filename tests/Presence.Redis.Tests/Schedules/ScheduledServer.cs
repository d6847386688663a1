using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Schedules;

/// <summary>A server of a schedule, with a cable of its own.</summary>
internal sealed class ScheduledServer : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly History _history;

    private ScheduledServer(string name, TestServer server, Cable cable, History history)
    {
        (Name, _server, Cable, _history) = (name, server, cable, history);
        server.Tracker.OnChange(PresenceChanges.All, change =>
        {
            history.Tell(name, change);
            return ValueTask.CompletedTask;
        });
    }

    public string Name { get; }

    public Cable Cable { get; }

    public PresenceTracker Tracker => _server.Tracker;

    public IEnumerable<ClusterGroupChange> Edges => _server.Edges;

    public RedisPresenceCluster Cluster => _server.Cluster;

    public static async Task<ScheduledServer> StartAsync(RedisStore store, string prefix, string name, History history, TimeSpan lease, TimeSpan grace)
    {
        var cable = new Cable(store.Configuration);
        TestServer server = await TestServer.StartAsync(store, prefix, name, options => (options.Lease, options.Grace) = (lease, grace), cable);
        return new ScheduledServer(name, server, cable, history);
    }

    /// <summary>Has a tick come, by which groups linger. Clients send no heartbeats, and need none.</summary>
    public void Tick(int count) => _server.Ticks.Advance(count);

    public void Login(string clientId, string[] groups, int linger)
    {
        SessionId id = Tracker.Join(clientId, new JoinOptions { Groups = groups, Linger = linger, ExpireAfter = PresenceOptions.MaxExpireAfter }).Session;
        _ = RecordTokenAsync(_history.Join(Name, clientId, id));
    }

    /// <summary>Asks for the token of each session again, since a session may have got another.</summary>
    public async Task RecordTokensAsync() => await Task.WhenAll(_history.Sessions.Where(session => session.Server == Name && !session.HasEnded).Select(RecordTokenAsync));

    /// <summary>Dies, as far as the others can see.</summary>
    public void Die()
    {
        Cable.Cut();
        _server.Die();
    }

    /// <summary>Stops in good order. The sessions of its clients end with it.</summary>
    public ValueTask StopAsync() => Cluster.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Cable.DisposeAsync();
    }

    private async Task RecordTokenAsync(RecordedSession session)
    {
        if (await Cluster.WhenPublishedAsync(session.ClientId, session.Id) is { } token)
        {
            _history.Publish(session, token);
        }
    }
}
