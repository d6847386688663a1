using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Server;

/// <summary>One server of a cluster with all of its clients, driven by lines on its standard input. Each answer ends with a line <c>.</c></summary>
/// <remarks>Clients are <c>c0</c>, <c>c1</c>, …, the devices of users that take turns; those that are connected send heartbeats, by a loop that stops when the process is stopped.</remarks>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(200);

    private readonly PresenceTracker _tracker;
    private readonly RedisPresenceCluster _cluster;
    private readonly EventLog _log;
    private readonly int _users;
    private readonly ConcurrentDictionary<string, SessionId> _connected = new();
    private readonly Dictionary<string, Task> _tokens = [];
    private readonly MeterListener _meters = new();

    public Server(PresenceTracker tracker, RedisPresenceCluster cluster, EventLog log, int users)
    {
        (_tracker, _cluster, _log, _users) = (tracker, cluster, log, users);
        cluster.Groups.OnChange(OnGroupChange);
        tracker.OnChange(PresenceChanges.Joined | PresenceChanges.Ended, OnChange);
        tracker.OnClientExpired(OnExpired);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "presence.redis.clients.claimed" or "presence.redis.epochs.lost")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, measurement, _, _) => _log.Write($"{instrument.Name} {measurement}"));
        _meters.Start();
    }

    public async Task RunAsync()
    {
        await _cluster.WhenRegisteredAsync();
        using var stopping = new CancellationTokenSource();
        Task beating = BeatAsync(stopping.Token);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } command)
        {
            await RunAsync(command.Split(' '));
            Console.WriteLine(".");
        }

        await stopping.CancelAsync();
        await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _meters.Dispose();

    private async Task RunAsync(string[] command)
    {
        switch (command)
        {
            case ["login", string from, string to]:
                ForEach(from, to, Login);
                break;
            case ["leave", string from, string to]:
                ForEach(from, to, client => _tracker.Leave($"c{client}"));
                break;
            case ["silence", string from, string to]:
                ForEach(from, to, client => _connected.TryRemove($"c{client}", out _));
                break;
            case ["published"]:
                await Task.WhenAll(_tokens.Values);
                break;
            case ["watch"]:
                _ = LogChangesAsync(await _cluster.ReadChangesAsync(PresenceChanges.Joined | PresenceChanges.Ended | PresenceChanges.ServerLost, capacity: 1_000_000));
                break;
            case ["online"]:
                foreach (ClientStatus status in _tracker.Snapshot())
                {
                    Task<long?> token = _cluster.WhenPublishedAsync(status.ClientId, status.Session);
                    Console.WriteLine($"{status.ClientId} {(token.IsCompletedSuccessfully ? token.Result : null) ?? 0}");
                }

                break;
            case ["clients"]:
                await AskStoreAsync(async () =>
                {
                    await foreach (ClusterClient client in _cluster.ReadClientsAsync())
                    {
                        Console.WriteLine($"{client.ClientId} {client.Server} {client.FencingToken} {(client.IsInGrace ? "grace" : "held")}");
                    }
                });
                break;
            case ["groups"]:
                await AskStoreAsync(async () =>
                {
                    foreach (string group in await _cluster.Groups.OccupiedAsync(Enumerable.Range(0, _users).Select(user => $"user:{user}")))
                    {
                        Console.WriteLine($"{group} {await _cluster.Groups.CountAsync(group)}");
                    }
                });
                break;
            case ["servers"]:
                await AskStoreAsync(async () =>
                {
                    foreach (ClusterServer server in await _cluster.ReadServersAsync())
                    {
                        Console.WriteLine($"{server.Name} {server.Epoch} {(server.IsLost ? "lost" : "alive")}");
                    }
                });
                break;
            default:
                throw new ArgumentException($"'{string.Join(' ', command)}' is no command.");
        }
    }

    private static async Task AskStoreAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            Console.WriteLine($"failed: {exception.GetType().Name}"); // a test may ask while the store is away
        }
    }

    private static void ForEach(string from, string to, Action<int> act)
    {
        for (int i = int.Parse(from, CultureInfo.InvariantCulture); i < int.Parse(to, CultureInfo.InvariantCulture); i++)
        {
            act(i);
        }
    }

    private void Login(int number)
    {
        string client = $"c{number}";
        SessionId session = _tracker.Join(client, new JoinOptions { Groups = [$"user:{number % _users}"] }).Session;
        _connected[client] = session;
        _tokens[client] = LogTokenAsync(client, session);
    }

    private async Task LogTokenAsync(string client, SessionId session)
    {
        if (await _cluster.WhenPublishedAsync(client, session) is { } token)
        {
            _log.Write($"token {client} {session} {token}");
        }
    }

    private async Task LogChangesAsync(IAsyncEnumerable<ClusterChange> changes)
    {
        try
        {
            await foreach (ClusterChange change in changes)
            {
                _log.Write($"change {change.Kind} {change.ClientId} {change.Server} {change.FencingToken}");
            }
        }
        catch (ChangesLostException)
        {
            _log.Write($"changes-lost");
        }
    }

    private async Task BeatAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(BeatInterval);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            foreach ((_, SessionId session) in _connected)
            {
                _tracker.Heartbeat(session);
            }
        }
    }

    private ValueTask OnChange(PresenceChange change)
    {
        _log.Write($"local {change.Kind} {change.ClientId} {change.Session}");
        if (change.Kind != PresenceChanges.Joined)
        {
            _connected.TryRemove(KeyValuePair.Create(change.ClientId, change.Session));
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask OnGroupChange(ClusterGroupChange change)
    {
        _log.Write($"edge {change.Kind} {change.Group} {change.Number}");
        return ValueTask.CompletedTask;
    }

    private ValueTask OnExpired(PresenceChange change)
    {
        if (change.Kind == PresenceChanges.ServerLost)
        {
            _log.Write($"lost {change.ClientId} {change.FencingToken}");
        }

        return ValueTask.CompletedTask;
    }
}
