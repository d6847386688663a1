using System.Globalization;
using Presence.Redis.Tests.Groups;

namespace Presence.Redis.Tests.Faults;

/// <summary>Four servers in processes of their own. One is killed, one stands still for twice its lease, and clients move, leave and fall silent meanwhile.</summary>
internal sealed class FourServers : IAsyncDisposable
{
    private const int Steps = 10;

    private readonly Expectation _expected = new();
    private readonly ServerProcess[] _servers;
    private readonly Range[] _clients;

    private FourServers(ServerProcess[] servers, Range[] clients, TimeSpan lease, TimeSpan grace)
    {
        (_servers, _clients, Lease, Grace) = (servers, clients, lease, grace);
    }

    public TimeSpan Lease { get; }

    public TimeSpan Grace { get; }

    /// <summary>When the one was killed.</summary>
    public long KilledAt { get; private set; }

    public int ClientCount => _clients[^1].End.Value;

    private int Users => UsersOf(_clients);

    private ServerProcess Dying => _servers[0];

    private ServerProcess Stopping => _servers[1];

    private ServerProcess[] Living => _servers[1..];

    /// <summary>Starts them, and has their clients log in.</summary>
    public static async Task<FourServers> StartAsync(string store)
    {
        TimeSpan lease = TimeSpan.FromSeconds(TestScale.Of(2, 3)), grace = TimeSpan.FromSeconds(TestScale.Of(1, 3));
        string prefix = $"t{Guid.NewGuid():N}"[..12];
        int most = TestScale.Of(800, 10_000), many = TestScale.Of(400, 4000), some = TestScale.Of(400, 3000);
        Range[] clients = [0..most, most..(most + many), (most + many)..(most + many + some), (most + many + some)..(most + many + some + some)];
        ServerProcess[] processes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ServerProcess.StartAsync($"s{i}", store, prefix, lease, grace, UsersOf(clients))));
        var servers = new FourServers(processes, clients, lease, grace);
        await servers._servers[^1].AskAsync("watch");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => servers.LoginAsync(servers._servers[i], clients[i])));
        await Task.WhenAll(processes.Select(server => server.AskAsync("published")));
        return servers;
    }

    /// <summary>Has everything happen to them that they must stand.</summary>
    /// <param name="storeFault">What happens to the store at the same time; its task gives when the store is back.</param>
    /// <returns>What was logged.</returns>
    public async Task<Reckoning> SufferAsync(Func<Task<long?>> storeFault)
    {
        KilledAt = TimeProvider.System.GetTimestamp();
        await Dying.KillAsync();
        _expected.Die(Dying.Name);
        Stopping.Stop();
        Task going = ContinueAsync();
        Task<long?> fault = storeFault();
        for (int step = 0; step < Steps; step++)
        {
            await ChurnAsync(step);
            await Task.Delay((Lease + Grace) / Steps, TimeProvider.System);
        }

        await going;
        long? storeBackAt = await fault;
        _expected.Settle();
        (Dictionary<string, Place> online, Dictionary<string, Place> stored) = await SettleAsync();
        return new Reckoning(_expected, online, stored, Dying.Name, [.. _servers.SelectMany(server => server.ReadLog())], storeBackAt);
    }

    /// <summary>Waits until what the servers, the dead one too, were told of users says who is online: for each user the two alternate, with numbers that grow.</summary>
    public async Task AssertEdgesAsync()
    {
        string[] wrong = [];
        await Eventually.Is(
            async () =>
            {
                string[] occupied = [.. (await _servers[^1].AskAsync("groups")).Select(line => line.Split(' ')[0])];
                wrong = [.. EdgeList.WrongIn(_servers.SelectMany(server => server.ReadLog()).Where(line => line.What == "edge").Select(EdgeOf), occupied)];
                return wrong.Length == 0;
            },
            () => string.Join('\n', wrong.Take(10)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServerProcess server in _servers)
        {
            if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            {
                await TestContext.Out.WriteLineAsync($"== {server.Name}\n{server.Errors}");
            }

            await server.DisposeAsync();
        }
    }

    /// <summary>Users have three devices each, which log in on different servers.</summary>
    private static int UsersOf(Range[] clients) => clients[^1].End.Value / 3;

    private static ClusterGroupChange EdgeOf(LoggedEvent line) =>
        new() { Kind = Enum.Parse<PresenceChanges>(line.Words[0]), Group = line.Words[1], Number = Reckoning.Number(line.Words[2]) };

    private async Task ContinueAsync()
    {
        await Task.Delay(Lease * 2, TimeProvider.System);
        Stopping.Continue();
    }

    private async Task ChurnAsync(int step)
    {
        // A fifth of the clients of the dead server and of the stopped one log in on the other two.
        ServerProcess third = _servers[2], fourth = _servers[3];
        foreach (Range clients in _clients[..2])
        {
            await LoginAsync(third, Part(clients, step, 0.0, 0.1));
            await LoginAsync(fourth, Part(clients, step, 0.1, 0.2));
        }

        await LoginAsync(fourth, Part(_clients[2], step, 0.0, 0.1)); // from a server that is well
        await third.AskAsync("leave", End(third, Part(_clients[2], step, 0.1, 0.2), PresenceChanges.Left));
        await third.AskAsync("silence", End(third, Part(_clients[2], step, 0.2, 0.3), PresenceChanges.Expired));
    }

    private Task LoginAsync(ServerProcess server, Range clients)
    {
        _expected.Login(server.Name, clients);
        return server.AskAsync("login", clients);
    }

    private Range End(ServerProcess server, Range clients, PresenceChanges kind)
    {
        _expected.End(server.Name, clients, kind);
        return clients;
    }

    /// <summary>What is due in a step, of those clients that are between two shares of all.</summary>
    private static Range Part(Range clients, int step, double from, double to)
    {
        int count = clients.End.Value - clients.Start.Value;
        return At(step)..At(step + 1);

        int At(int step) => clients.Start.Value + (int)(count * (from + ((to - from) * step / Steps)));
    }

    /// <summary>Waits until servers and store agree on who is online where, and that is right.</summary>
    private async Task<(Dictionary<string, Place> Online, Dictionary<string, Place> Stored)> SettleAsync()
    {
        Dictionary<string, Place> online = [], stored = [];
        string difference = "";
        await Eventually.Is(
            async () =>
            {
                online = await ReadOnlineAsync();
                List<string> lines = await _servers[^1].AskAsync("clients");
                string[] servers = [.. await _servers[^1].AskAsync("servers")];
                stored = lines.Where(line => !line.StartsWith("failed", StringComparison.Ordinal)).Select(line => line.Split(' ')).GroupBy(words => words[0])
                    .ToDictionary(client => client.Key, client => new Place(client.Last()[1], Reckoning.Number(client.Last()[2]), client.Last()[3] == "grace"));
                List<string> groups = await _servers[^1].AskAsync("groups");
                difference = string.Join("; ",
                    Reckoning.Difference("users", groups, _expected.Online.Keys.CountBy(client => $"user:{int.Parse(client[1..], CultureInfo.InvariantCulture) % Users}").Select(user => $"{user.Key} {user.Value}")),
                    Reckoning.Difference("online", online.Select(pair => (pair.Key, pair.Value.Server)), _expected.Online.Select(pair => (pair.Key, pair.Value))),
                    Reckoning.Difference("stored", stored.Select(pair => (pair.Key, pair.Value)), online.Select(pair => (pair.Key, pair.Value))),
                    Reckoning.Difference("servers", servers.Select(line => line.Split(' ')).Select(words => (words[0], words[2])), Living.Select(server => (server.Name, "alive"))));
                return difference == "; ; ; ";
            },
            () => difference);
        return (online, stored);
    }

    private async Task<Dictionary<string, Place>> ReadOnlineAsync()
    {
        var online = new Dictionary<string, Place>();
        foreach (ServerProcess server in Living)
        {
            foreach (string[] words in (await server.AskAsync("online")).Select(line => line.Split(' ')))
            {
                // Twice only for a moment: until one is told that it was replaced.
                online[online.ContainsKey(words[0]) ? $"{words[0]} again" : words[0]] = new Place(server.Name, Reckoning.Number(words[1]), IsInGrace: false);
            }
        }

        return online;
    }
}
