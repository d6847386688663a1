using Presence.Redis.Tests.Groups;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Schedules;

/// <summary>A seeded schedule: clients come, move and leave on four servers, while servers and the store suffer what they may.</summary>
internal sealed class Schedule(RedisStore store, int seed, bool mayLoseData) : IAsyncDisposable
{
    private const int Servers = 4, Clients = 150, MaxLinger = 10;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2), Grace = TimeSpan.FromSeconds(0.7), Step = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a client does nothing after it did something: which of two joins is later is known to within what clocks are off.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(250);

    private readonly Random _random = new(seed);
    private readonly string _prefix = $"t{Guid.NewGuid():N}"[..12];
    private readonly History _history = new();
    private readonly StreamCheck _stream = new();
    private readonly List<ScheduledServer> _servers = [], _dead = [];
    private readonly List<(string Name, long At, Func<Task> EndAsync)> _ends = [];
    private readonly Dictionary<string, long> _lastActed = [];
    private readonly List<string> _log = [];
    private int _started;

    /// <summary>What it did, for whoever looks into a failure.</summary>
    public IReadOnlyList<string> Log => _log;

    public string Summary => FormattableString.Invariant(
        $"seed {seed}: {_history.Count} sessions, {_history.Lost} told lost, {_stream.Read} changes read with {_stream.Restarts} restarts; {string.Join(", ", _log.CountBy(entry => entry[(entry.IndexOf(':') + 2)..entry.LastIndexOf(" of ", StringComparison.Ordinal)]).Select(entry => $"{entry.Key} x{entry.Value}"))}");

    /// <summary>Runs it for a time, heals everything, and checks what came of it.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan time)
    {
        ScheduledServer reader = await StartServerAsync();
        using var stopping = new CancellationTokenSource();
        Task reading = _stream.RunAsync(reader.Cluster, stopping.Token);
        for (int i = 0; i < Servers; i++)
        {
            _servers.Add(await StartServerAsync());
        }

        long since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since) < time)
        {
            await StepAsync();
        }

        await HealAsync(all: true);
        string difference = await SettleAsync(reader);
        string edges = mayLoseData ? "" : await SettleEdgesAsync(reader);
        await Task.WhenAll(_servers.Select(server => server.RecordTokensAsync()));
        List<string> wrong = [.. ((string[])[difference, edges]).Where(what => what.Length > 0), .. _history.AlwaysWrong()];
        if (!mayLoseData)
        {
            wrong.AddRange(_history.WrongUnlessDataWereLost());
            wrong.AddRange(_stream.Wrong);
        }

        await stopping.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopAllAsync(reader, wrong);
        return wrong;
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_servers.Concat(_dead).Select(server => server.DisposeAsync().AsTask()));

    private async Task<ScheduledServer> StartServerAsync() => await ScheduledServer.StartAsync(store, _prefix, $"s{_started++}", _history, Lease, Grace);

    private async Task StepAsync()
    {
        for (int i = 0; i < 8; i++)
        {
            Act();
            Stroll();
        }

        _servers.ForEach(server => server.Tick(1));

        if (_random.NextDouble() < 0.06)
        {
            await StrikeServerAsync(_random.Next(_servers.Count));
        }

        if (_random.NextDouble() < 0.03 && !_ends.Exists(end => end.Name == "store"))
        {
            await StrikeStoreAsync();
        }

        await HealAsync(all: false);
        await Task.Delay(Step, TimeProvider.System);
    }

    private void Act()
    {
        int number = _random.Next(Clients);
        string client = $"c{number}";
        ScheduledServer server = _servers[_random.Next(_servers.Count)];
        bool joins = _random.NextDouble() < 0.65;
        long now = TimeProvider.System.GetTimestamp();
        if (_lastActed.TryGetValue(client, out long last) && TimeProvider.System.GetElapsedTime(last, now) < Rest)
        {
            return;
        }

        _lastActed[client] = now;
        if (joins)
        {
            server.Login(client, GroupCheck.OfJoin(number), linger: _random.Next(MaxLinger + 1));
        }
        else
        {
            server.Tracker.Leave(client);
        }
    }

    /// <summary>Has some client come to a room or leave one. Which of the two, and where it is, no clock decides.</summary>
    private void Stroll()
    {
        string client = $"c{_random.Next(Clients)}", room = GroupCheck.RoomOf(_random.Next());
        bool enters = _random.NextDouble() < 0.5;
        foreach (ScheduledServer server in _servers)
        {
            if (server.Tracker.TryGetClient(client, out ClientStatus status))
            {
                _ = enters ? server.Tracker.Groups.Enter(status.Session, room) : server.Tracker.Groups.Leave(status.Session, room);
            }
        }
    }

    private async Task StrikeServerAsync(int index)
    {
        ScheduledServer server = _servers[index];
        if (_ends.Exists(end => end.Name == server.Name))
        {
            return;
        }

        TimeSpan time = TimeSpan.FromSeconds(_random.NextDouble() * 5);
        int fault = _random.Next(6);
        if (fault < 2 && _servers.Count == 1)
        {
            return; // the last one has to be there for what comes next
        }

        switch (fault)
        {
            case 0:
                Note($"kill of {server.Name}");
                server.Die();
                _dead.Add(server);
                _servers.RemoveAt(index);
                break;
            case 1:
                Note($"stop of {server.Name}");
                await server.StopAsync();
                _dead.Add(server);
                _servers.RemoveAt(index);
                break;
            case 2:
                Note($"cut of {server.Name} for {time.TotalSeconds:0.0} s");
                server.Cable.Cut();
                EndLater(server.Name, time, server.Cable.Mend);
                break;
            case 3:
                Note($"late delivery of {server.Name} after {time.TotalSeconds:0.0} s");
                server.Cable.Hold();
                EndLater(server.Name, time / 4, server.Cable.LoseHeld);
                _ends.Add((server.Name, At(time), () => DeliverLateAsync(server.Cable)));
                break;
            case 4:
                Note($"deafness of {server.Name}");
                server.Cable.Deafen();
                break;
            default:
                Note($"short cut of {server.Name}");
                server.Cable.Cut();
                server.Cable.Mend();
                break;
        }

        if (_servers.Count < Servers)
        {
            _ends.Add(("start", At(TimeSpan.FromSeconds(_random.NextDouble() * 3)), async () => _servers.Add(await StartServerAsync())));
        }
    }

    private async Task StrikeStoreAsync()
    {
        StoreNemesis[] all = [.. StoreNemesis.All.Where(nemesis => mayLoseData || !nemesis.LosesData)];
        StoreNemesis nemesis = all[_random.Next(all.Length)];
        TimeSpan time = TimeSpan.FromSeconds(0.2 + (_random.NextDouble() * 3));
        Note($"{nemesis.Name} of the store for {time.TotalSeconds:0.0} s");
        _ends.Add(("store", At(time), await nemesis.StrikeAsync(store)));
    }

    /// <summary>Delivers what was held. Half a command, at which the connection broke, is never answered.</summary>
    private static async Task DeliverLateAsync(Cable cable) =>
        await Task.WhenAny(cable.DeliverLateAsync(), Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));

    private void EndLater(string name, TimeSpan time, Action end)
    {
        _ends.Add((name, At(time), EndAsync));

        Task EndAsync()
        {
            end();
            return Task.CompletedTask;
        }
    }

    /// <summary>Ends what is to end by now.</summary>
    private async Task HealAsync(bool all)
    {
        long now = TimeProvider.System.GetTimestamp();
        var due = _ends.Where(end => all || end.At <= now).OrderBy(end => end.Name == "store" ? 0 : end.Name == "start" ? 2 : 1).ThenBy(end => end.At).ToList();
        if (!all && _ends.Exists(end => end.Name == "store") && !due.Exists(end => end.Name == "store"))
        {
            due.RemoveAll(end => end.Name == "start"); // a server that starts waits for the store
        }

        foreach ((string Name, long At, Func<Task> EndAsync) end in due)
        {
            _ends.Remove(end);
            await end.EndAsync();
        }
    }

    /// <summary>Waits until servers and store agree on who is online where.</summary>
    /// <returns>How they differ, if they never do.</returns>
    private async Task<string> SettleAsync(ScheduledServer reader)
    {
        string difference = "not looked yet";
        long since = TimeProvider.System.GetTimestamp();
        while (difference.Length > 0 && TimeProvider.System.GetElapsedTime(since) < TestServer.Patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            _servers.ForEach(server => server.Tick(MaxLinger)); // so that nothing lingers any more
            try
            {
                difference = await DifferenceAsync(reader);
            }
            catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
            {
                difference = exception.Message;
            }
        }

        return difference;
    }

    /// <summary>Waits until what was told of groups says which are occupied: callbacks that a server owed which has died run on another.</summary>
    private async Task<string> SettleEdgesAsync(ScheduledServer reader)
    {
        string wrong = "not looked yet";
        long since = TimeProvider.System.GetTimestamp();
        while (wrong.Length > 0 && TimeProvider.System.GetElapsedTime(since) < TestServer.Patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            IReadOnlyList<string> occupied = await reader.Cluster.Groups.OccupiedAsync(GroupCheck.All(Clients));
            wrong = string.Join("; ", EdgeList.WrongIn(_servers.Concat(_dead).Append(reader).SelectMany(server => server.Edges), occupied));
        }

        return wrong;
    }

    private async Task<string> DifferenceAsync(ScheduledServer reader)
    {
        var stored = new Dictionary<string, string>();
        await foreach (ClusterClient client in reader.Cluster.ReadClientsAsync())
        {
            stored[client.ClientId] = client.IsInGrace ? $"{client.Server} in grace" : $"{client.Server} with {client.FencingToken}";
        }

        var online = new List<(string Client, string Place)>();
        foreach (ScheduledServer server in _servers)
        {
            foreach (ClientStatus status in server.Tracker.Snapshot())
            {
                Task<long?> token = server.Cluster.WhenPublishedAsync(status.ClientId, status.Session);
                online.Add((status.ClientId, $"{server.Name} with {(token.IsCompletedSuccessfully ? token.Result : 0)}"));
            }
        }

        string[] twice = [.. online.GroupBy(entry => entry.Client).Where(client => client.Count() > 1).Select(client => $"{client.Key} on {string.Join(" and ", client.Select(entry => entry.Place))}")];
        string[] missing = [.. online.Where(entry => stored.GetValueOrDefault(entry.Client) != entry.Place).Select(entry => $"{entry.Client} on {entry.Place}, stored {stored.GetValueOrDefault(entry.Client) ?? "nowhere"}")];
        string[] ghosts = [.. stored.Keys.Except(online.Select(entry => entry.Client)).Select(client => $"{client} stored as {stored[client]} and nowhere online")];
        string[] servers = [.. (await reader.Cluster.ReadServersAsync()).Select(server => server.Name).Except(_servers.Append(reader).Select(server => server.Name)).Select(name => $"{name} is not forgotten")];
        string groups = await GroupCheck.DifferenceAsync(reader.Cluster.Groups, [.. _servers.Select(server => server.Tracker)], Clients);
        return string.Join("; ", (string[])[.. twice, .. missing, .. ghosts, .. servers, .. groups.Length > 0 ? [groups] : Array.Empty<string>()]);
    }

    private async Task StopAllAsync(ScheduledServer reader, List<string> wrong)
    {
        foreach (ScheduledServer server in _servers)
        {
            foreach (ClientStatus status in server.Tracker.Snapshot())
            {
                server.Tracker.Leave(status.Session);
            }

            await server.StopAsync();
        }

        // A server whose groups linger hands them over to those that live; the last one has to be there until it has taken over.
        await Eventually.Is(async () => await reader.Cluster.ReadServersAsync() is [{ IsLost: false }], "the last server has taken over from the others");
        await reader.StopAsync();
        _dead.Add(reader);
        wrong.AddRange((await ReadLeftAsync()).Select(what => $"{what} is left when all have stopped"));
    }

    private async Task<IReadOnlyList<string>> ReadLeftAsync()
    {
        await using StackExchange.Redis.ConnectionMultiplexer connection = await store.ConnectAsync();
        StackExchange.Redis.IDatabase database = connection.GetDatabase();
        var left = new List<string>();
        foreach (string key in (string[])["}:servers", "}:leases", "}:dead", ":0}:clients", ":0}:verdicts", ":0}:groups", ":0}:members", ":0}:edges", ":0}:held"])
        {
            if (await database.KeyExistsAsync($"{{{_prefix}{key}"))
            {
                left.Add(key);
            }
        }

        StackExchange.Redis.RedisValue[] fields = await database.HashKeysAsync($"{{{_prefix}:0}}:epochs");
        return [.. left, .. fields.Select(field => (string)field!).Where(field => field is not ("seq" or "n" or "g")).Select(field => $"the field {field}")];
    }

    private static long At(TimeSpan later) => TimeProvider.System.GetTimestamp() + (long)(later.TotalSeconds * TimeProvider.System.TimestampFrequency);

    private void Note(string what) => _log.Add($"at {_history.Now}: {what}");
}
