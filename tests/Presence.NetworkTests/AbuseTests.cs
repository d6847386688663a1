namespace Presence.NetworkTests;

/// <summary>What strangers do to the sample, and what its users notice of that.</summary>
public sealed class AbuseTests
{
    private const string Program = "Presence.NetworkTests.Host";
    private const int Words = 400;

    private Network _network = null!;
    private HostProcess _server = null!;
    private HostProcess _probe = null!;

    [SetUp]
    public async Task StartServerAndUser()
    {
        _network = await Network.CreateAsync(clients: 3);

        // The user sends no heartbeats, and who comes and goes is not logged, a thousand times a second.
        _server = _network.Server.Start("ChatServer", "--expire-after", "100000", "--Logging:LogLevel:ChatServer.Room", "Warning");
        await _server.ReadUntilAsync("Listening");
        _probe = _network.Clients[0].Start(Program, "chat-probe", $"host={Network.ServerAddressFor(_network.Clients[0])}");
        await _probe.ReadUntilAsync("ready");
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
        Facts idle = await MeasureAsync("idle");
        double[] memory = new double[3];
        for (int round = 0; round < memory.Length; round++)
        {
            await AbuseAsync(idle);
            memory[round] = _server.ResidentMiB();
        }

        await TestContext.Out.WriteLineAsync($"MiB resident after each round: {string.Join(", ", memory.Select(mib => $"{mib:0}"))}");
        Assert.That(memory[^1], Is.LessThan((1.2 * memory[0]) + 16), "Each round leaves something behind.");
    }

    private async Task AbuseAsync(Facts idle)
    {
        NetworkHost noAnswer = _network.Clients[2];
        HostProcess abuse = _network.Clients[1].Start(Program, "chat-abuse", $"host={Network.ServerAddressFor(_network.Clients[1])}");
        HostProcess halfOpen = noAnswer.Start(Program, "chat-abuse", $"host={Network.ServerAddressFor(noAnswer)}", "half-open=yes");
        await noAnswer.RunAsync("iptables", "-A", "INPUT", "-p", "tcp", "-j", "DROP");
        await abuse.ReadUntilAsync("ready");
        await halfOpen.ReadUntilAsync("ready");
        Facts abused = await MeasureAsync("abused");
        await TestContext.Out.WriteLineAsync($"{await abuse.AskAsync()}; {await halfOpen.AskAsync()}");
        abuse.End();
        halfOpen.End();
        await Wait.UntilAsync(() => _network.Server.SocketsAsync(8080, _network.Clients[1].Address), sockets => !sockets.Any(socket => socket.StartsWith("ESTAB", StringComparison.Ordinal)));
        Assert.That(abused["p99"], Is.LessThan(3 * idle["p99"]));
    }

    private async Task<Facts> MeasureAsync(string when)
    {
        _probe.Type($"measure {Words}");
        Facts facts = Facts.Parse(await _probe.ReadUntilAsync("measured: "));
        await TestContext.Out.WriteLineAsync($"{when}: {facts}");
        return facts;
    }
}
