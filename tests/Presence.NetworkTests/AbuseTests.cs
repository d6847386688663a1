namespace Presence.NetworkTests;

/// <summary>What strangers do to the sample, and what its users notice of that.</summary>
/// <remarks>
/// Beside the abused server another one idles and has a user too, measured at the same moments: so a machine that is busy is not taken for a server that is.
/// </remarks>
public sealed class AbuseTests
{
    private const string Program = "tests/Presence.NetworkTests.Host";
    private const int Words = 300;

    private Network _network = null!;
    private HostProcess _server = null!;
    private HostProcess _probe = null!;
    private HostProcess _idleProbe = null!;

    [SetUp]
    public async Task StartServerAndUser()
    {
        _network = await Network.CreateAsync(clients: 3);

        _server = await StartServerAsync(_network.Server);
        await StartServerAsync(_network.Clients[0]);
        _probe = await StartProbeAsync(Network.ServerAddressFor(_network.Clients[0]));
        _idleProbe = await StartProbeAsync("127.0.0.1");
    }

    [TearDown]
    public async Task EndAll()
    {
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    [Test]
    public async Task Server_Abused_StaysResponsiveAndReturnsWhatItTook()
    {
        await MeasureAsync("warming up");
        await MeasureAsync("both idle");
        int rounds = TestScale.Of(2, 10);
        double[] waits = new double[rounds];
        double[] memory = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            waits[round] = await AbuseAsync();
            memory[round] = _server.ResidentMiB();
        }

        Array.Sort(waits);
        await TestContext.Out.WriteLineAsync($"MiB resident after each round: {string.Join(", ", memory.Select(mib => $"{mib:0}"))}");
        Assert.That(waits[rounds / 2], Is.LessThan(3), "Users wait too long.");
        Assert.That(memory[^1], Is.LessThan((1.2 * memory[0]) + 16), "Each round leaves something behind.");
    }

    private static async Task<HostProcess> StartServerAsync(NetworkHost host)
    {
        // The user sends no heartbeats; and who comes and goes is not logged, a thousand times a second.
        HostProcess server = host.Start("samples/ChatServer", "--expire-after", "100000", "--Logging:LogLevel:ChatServer.Room", "Warning");
        await server.ReadUntilAsync("Listening");
        return server;
    }

    private async Task<HostProcess> StartProbeAsync(string server)
    {
        HostProcess probe = _network.Clients[0].Start(Program, "chat-probe", $"host={server}");
        await probe.ReadUntilAsync("ready");
        return probe;
    }

    /// <returns>How many times as long as beside it a user waits meanwhile.</returns>
    private async Task<double> AbuseAsync()
    {
        NetworkHost noAnswer = _network.Clients[2];
        HostProcess abuse = _network.Clients[1].StartAside(Program, "chat-abuse", $"host={Network.ServerAddressFor(_network.Clients[1])}");
        HostProcess halfOpen = noAnswer.StartAside(Program, "chat-abuse", $"host={Network.ServerAddressFor(noAnswer)}", "half-open=yes");
        await noAnswer.RunAsync("iptables", "-A", "INPUT", "-p", "tcp", "-j", "DROP");
        await abuse.ReadUntilAsync("ready");
        await halfOpen.ReadUntilAsync("ready");
        double wait = await MeasureAsync("abused");
        await TestContext.Out.WriteLineAsync($"{await abuse.AskAsync()}; {await halfOpen.AskAsync()}");
        abuse.End();
        halfOpen.End();
        await Wait.UntilAsync(() => _network.Server.SocketsAsync(8080, _network.Clients[1].Address), sockets => !sockets.Any(socket => socket.StartsWith("ESTAB", StringComparison.Ordinal)));
        return wait;
    }

    /// <returns>
    /// How many times as long the user of the one server waits as the user of the other, in the 99th percentile. Processors that others keep busy make
    /// that one erratic, so up to the tenth of a second is reckoned as no wait in an ordinary run.
    /// </returns>
    private async Task<double> MeasureAsync(string when)
    {
        _probe.Type($"measure {Words}");
        _idleProbe.Type($"measure {Words}");
        Facts measured = Facts.Parse(await _probe.ReadUntilAsync("measured: "));
        Facts idle = Facts.Parse(await _idleProbe.ReadUntilAsync("measured: "));
        await TestContext.Out.WriteLineAsync($"{when}: ms {measured}; beside it, idle: {idle}");
        return measured["p99"] / Math.Max(idle["p99"], TestScale.Of(33, 0));
    }
}
