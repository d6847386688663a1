namespace Presence.NetworkTests.Lab;

/// <summary>A server host and some client hosts, each in a network namespace of its own and with a cable of its own between them.</summary>
/// <remarks>
/// No packet leaves: the addresses exist in these namespaces only. They are named after the test's process, so what a crash left behind is known
/// and taken away by the next run.
/// </remarks>
internal sealed class Network : IAsyncDisposable
{
    private const string Prefix = "presence-";

    private static int _made;

    private Network(NetworkHost server, NetworkHost[] clients)
    {
        Server = server;
        Clients = clients;
    }

    public NetworkHost Server { get; }

    public NetworkHost[] Clients { get; }

    /// <summary>Lays the cables; or has the test ignored, where that cannot be done.</summary>
    public static async Task<Network> CreateAsync(int clients)
    {
        IgnoreUnlessPossible();
        await RemoveLeftoversAsync();
        string name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _made)}";
        var network = new Network(
            new NetworkHost($"{name}-server", "10.99.0.1", "to0"),
            [.. Enumerable.Range(0, clients).Select(i => new NetworkHost($"{name}-client{i}", $"10.99.{i}.2", "eth0"))]);
        await CreateFirstAsync(network.Server);
        for (int i = 0; i < clients; i++)
        {
            await network.Clients[i].CreateAsync();
            await network.ConnectAsync(network.Clients[i], $"to{i}", $"10.99.{i}.1");
        }

        return network;
    }

    /// <summary>The server's address as a client host sees it.</summary>
    public static string ServerAddressFor(NetworkHost client) => client.Address[..client.Address.LastIndexOf('.')] + ".1";

    public async ValueTask DisposeAsync()
    {
        foreach (NetworkHost host in (NetworkHost[])[.. Clients, Server])
        {
            host.EndProcesses();
            await RemoveAsync(host.Name);
        }
    }

    private async Task ConnectAsync(NetworkHost client, string serverLink, string serverAddress)
    {
        await Shell.RunAsync("ip", "link", "add", serverLink, "netns", Server.Name, "type", "veth", "peer", "name", client.Link, "netns", client.Name);
        await Server.RunAsync("ip", "address", "add", $"{serverAddress}/24", "dev", serverLink);
        await Server.RunAsync("ip", "link", "set", serverLink, "up");
        await client.RunAsync("ip", "address", "add", $"{client.Address}/24", "dev", client.Link);
        await client.RunAsync("ip", "link", "set", client.Link, "up");
    }

    private static void IgnoreUnlessPossible()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Assert.Ignore("These tests make network namespaces, which takes Linux and root.");
        }

        string[] missing = [.. new[] { "ip", "ss", "tc", "iptables" }.Where(tool => !Shell.IsInstalled(tool))];
        if (missing.Length > 0)
        {
            Assert.Ignore($"Not found: {string.Join(", ", missing)}. Install them: apt-get install iproute2 iptables");
        }
    }

    private static async Task CreateFirstAsync(NetworkHost host)
    {
        try
        {
            await host.CreateAsync();
        }
        catch (InvalidOperationException exception)
        {
            Assert.Ignore($"This machine lets root make no network namespace, as in a container without privileges: {exception.Message}");
        }
    }

    private static async Task RemoveLeftoversAsync()
    {
        foreach (string line in (await Shell.RunAsync("ip", "netns", "list")).Split('\n'))
        {
            string name = line.Split(' ')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !Directory.Exists($"/proc/{name[Prefix.Length..].Split('-')[0]}"))
            {
                await RemoveAsync(name);
            }
        }
    }

    private static async Task RemoveAsync(string name)
    {
        string[] processes = (await Shell.RunAsync("ip", "netns", "pids", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (processes.Length > 0)
        {
            await Shell.RunAsync("sh", "-c", $"kill -KILL {string.Join(' ', processes)} || true"); // one may have ended meanwhile
        }

        await Shell.RunAsync("ip", "netns", "delete", name);
    }
}
