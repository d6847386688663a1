using System.Globalization;

namespace Presence.NetworkTests;

/// <summary>What strangers do to the sample, and what its users notice of that.</summary>
/// <remarks>
/// The abusers are stopped and continued every half a second, and the user measures in between as well. Beside the server another one idles and has a user too: what he
/// waits at the same time is the machine's doing, not the server's. The abusers share its processors with the servers, and have what these and their users leave.
/// The long form judges all that was said while there was abuse by all that was said in between. The ordinary one says too little for that on a machine that
/// does other things as well: it judges the quieter quarter of the phases.
/// </remarks>
[Category("BeyondSdk")]
public sealed class AbuseTests
{
    private const string Program = "tests/Presence.NetworkTests.Host";
    private const int Words = 250;
    private const double Unnoticed = 0.5; // ms: less than that is the scheduler's to decide, and is reckoned as that much

    private static readonly int PhasesPerRound = TestScale.Of(8, 16); // a second each; strangers are first closed after 10

    private readonly Waits _abused = new();
    private readonly Waits _idle = new();
    private readonly Waits _besideAbused = new();
    private readonly Waits _besideIdle = new();

    private Network _network = null!;
    private HostProcess _server = null!;
    private HostProcess _user = null!;
    private HostProcess _userBeside = null!;

    [SetUp]
    public async Task StartServersAndUsers()
    {
        _network = await Network.CreateAsync(clients: 3);
        _server = await StartServerAsync(_network.Server);
        await StartServerAsync(_network.Clients[0]);
        _user = await StartUserAsync(Network.ServerAddressFor(_network.Clients[0]));
        _userBeside = await StartUserAsync("127.0.0.1");
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
        int rounds = TestScale.Of(2, 5);
        double[] memory = new double[rounds];
        await MeasureAsync(4 * Words); // until all is compiled
        for (int round = 0; round < rounds; round++)
        {
            await AbuseAsync();
            memory[round] = _server.ResidentMiB();
        }

        double times = _abused.Pooled / _idle.Pooled;
        double timesWhenQuiet = _abused.Quieter / Math.Max(Unnoticed, Math.Max(_idle.Quieter, _besideAbused.Quieter));
        await TestContext.Out.WriteLineAsync($"""
            99th percentile, ms, idle: {_idle}
            abused: {_abused}
            beside it, of a server that idles, while that one idles: {_besideIdle}
            while that one is abused: {_besideAbused}
            All together {times:0.0} times as long, when quiet {timesWhenQuiet:0.0}.
            MiB resident after each round: {string.Join(", ", memory.Select(mebibytes => mebibytes.ToString("0", CultureInfo.InvariantCulture)))}
            """);
        Assert.That(memory[^1], Is.LessThan((1.2 * memory[0]) + 16), "Each round leaves something behind.");
        Assert.That(timesWhenQuiet, Is.LessThan(3), "Users wait too long.");
        if (TestScale.IsLong)
        {
            Assume.That(times < 3 || _besideAbused.Pooled < 3 * _idle.Pooled, "The user of a server that idles waits as long: the machine does too much else to tell.");
            Assert.That(times, Is.LessThan(3), "Users wait too long.");
        }
    }

    private static async Task<HostProcess> StartServerAsync(NetworkHost host)
    {
        // The user sends no heartbeats; and the limits that would keep abusers and a busy user out are not what is measured here.
        HostProcess server = host.StartAhead(
            "samples/ChatServer", "--expire-after", "100000", "--set", "Chat:MaxConnectionsPerAddress=100000",
            "--set", "Chat:MaxLinesPerSecond=100000", "--set", "Chat:MaxHeardBytesPerSecond=1000000000");
        await server.ReadUntilAsync("Listening");
        return server;
    }

    private async Task<HostProcess> StartUserAsync(string server)
    {
        HostProcess user = _network.Clients[0].StartFirst(Program, "chat-probe", $"host={server}");
        await user.ReadUntilAsync("ready");
        return user;
    }

    private async Task AbuseAsync()
    {
        NetworkHost noAnswer = _network.Clients[2];
        HostProcess abuse = _network.Clients[1].StartAside(Program, "chat-abuse", $"host={Network.ServerAddressFor(_network.Clients[1])}");
        HostProcess halfOpen = noAnswer.StartAside(Program, "chat-abuse", $"host={Network.ServerAddressFor(noAnswer)}", "half-open=yes");
        await noAnswer.RunAsync("iptables", "-A", "INPUT", "-p", "tcp", "-j", "DROP");
        await abuse.ReadUntilAsync("ready");
        await halfOpen.ReadUntilAsync("ready");
        await MeasureAsync(4 * Words); // its programs are compiled as they start, and make the machine busy with that
        for (int phase = 0; phase < PhasesPerRound; phase++)
        {
            await MeasureAsync(Words, _abused, _besideAbused);
            await Task.WhenAll(abuse.SignalAsync("STOP"), halfOpen.SignalAsync("STOP"));
            await MeasureAsync(Words, _idle, _besideIdle);
            await Task.WhenAll(abuse.SignalAsync("CONT"), halfOpen.SignalAsync("CONT"));
        }

        await TestContext.Out.WriteLineAsync($"{await abuse.AskAsync()}; {await halfOpen.AskAsync()}");
        abuse.End();
        halfOpen.End();
        await Wait.UntilAsync(() => _network.Server.SocketsAsync(8080, _network.Clients[1].Address), sockets => !sockets.Any(socket => socket.StartsWith("ESTAB", StringComparison.Ordinal)));
    }

    /// <summary>Has both users talk at the same time.</summary>
    private async Task MeasureAsync(int words, Waits? waits = null, Waits? waitsBeside = null)
    {
        _user.Type($"measure {words}");
        _userBeside.Type($"measure {words}");
        string measured = await _user.ReadUntilAsync("measured: ");
        string measuredBeside = await _userBeside.ReadUntilAsync("measured: ");
        waits?.Add(measured);
        waitsBeside?.Add(measuredBeside);
    }
}
