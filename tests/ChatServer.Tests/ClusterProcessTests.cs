using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatServer.Tests;

/// <summary>Two servers as users run them, each in a process of its own, one of which is killed.</summary>
[Platform(Exclude = "Win", Reason = "There are no signals to stop a process with.")]
public sealed partial class ClusterProcessTests
{
    private readonly List<ChildProcess> _processes = [];

    [TearDown]
    public void StopAll()
    {
        _processes.ForEach(process => process.Dispose());
        _processes.Clear();
    }

    [Test]
    public async Task Server_Killed_HasItsUsersLeaveOnTheOther()
    {
        Cluster cluster = await StartAsync("--set", "Cluster:Grace=00:00:01");
        await cluster.B.SignalAsync("KILL");
        await cluster.Ann.ReadUntilAsync("* bob left (server-lost)");

        cluster.Ann.Type("/who");
        Assert.That(await cluster.Ann.ReadUntilAsync("* Online: "), Is.EqualTo("* Online: ann"));
        await StartClientAsync("bob", cluster.PortOfA);
        await cluster.Ann.ReadUntilAsync("* bob joined");
    }

    [Test]
    public async Task Server_Killed_LetsItsUsersLogInOnTheOtherInTheirGrace()
    {
        Cluster cluster = await StartAsync("--set", "Cluster:Grace=00:30:00"); // far longer than the test waits
        await cluster.B.SignalAsync("KILL");
        await cluster.A.ReadUntilAsync("has lapsed");
        using TestClient bob = await TestClient.ConnectAsync(int.Parse(cluster.PortOfA, CultureInfo.InvariantCulture));
        string answer;
        do
        {
            await bob.SendAsync(new { type = "login", user = "bob" });
            answer = (await bob.ReadAsync()).GetProperty("type").GetString()!;
        }
        while (answer == "error"); // until the other's clients are claimed, which takes milliseconds

        await cluster.Ann.ReadUntilAsync("* bob left (replaced)");
        await cluster.Ann.ReadUntilAsync("* bob joined");
    }

    /// <summary>Starts two servers with a user each, who see each other.</summary>
    private async Task<Cluster> StartAsync(params string[] settings)
    {
        ChildProcess a = StartServer(["--redis", "embedded", "--redis-port", "0", .. settings]);
        string store = StoreAddress().Match(await a.ReadUntilAsync("The chat's store is in this process")).Groups[1].Value;
        string portOfA = TcpPort().Match(await a.ReadUntilAsync("Listening: chat")).Groups[1].Value;
        ChildProcess b = StartServer(["--redis", store, .. settings]);
        string portOfB = TcpPort().Match(await b.ReadUntilAsync("Listening: chat")).Groups[1].Value;
        ChildProcess ann = await StartClientAsync("ann", portOfA);
        await StartClientAsync("bob", portOfB);
        await ann.ReadUntilAsync("* bob joined");
        return new Cluster(a, b, ann, portOfA);
    }

    private ChildProcess StartServer(params string[] settings) =>
        Start("ChatServer", ["--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--set", "Cluster:Lease=00:00:01", .. settings]);

    private async Task<ChildProcess> StartClientAsync(string user, string port)
    {
        ChildProcess client = Start("ChatClient", user, "--port", port);
        await client.ReadUntilAsync("/vanish"); // the last line of the help, after which it takes what is typed
        return client;
    }

    private ChildProcess Start(string program, params string[] arguments)
    {
        var process = ChildProcess.Start(program, arguments);
        _processes.Add(process);
        return process;
    }

    [GeneratedRegex(@"--redis (\S+)\. ")]
    private static partial Regex StoreAddress();

    [GeneratedRegex(@"TCP port (\d+)")]
    private static partial Regex TcpPort();

    private sealed record Cluster(ChildProcess A, ChildProcess B, ChildProcess Ann, string PortOfA);
}
