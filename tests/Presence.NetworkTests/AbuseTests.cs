using System.Globalization;

namespace Presence.NetworkTests;

/// <summary>What strangers do to the sample, and what its users notice of that.</summary>
/// <remarks>
/// The abusers are stopped and continued every half a second, and the user measures in between as well. Beside the server another one idles and has a user too: what he
/// waits at the same time is the machine's doing, not the server's. The abusers share its processors with the servers, and have what these and their users leave.
/// </remarks>
public sealed class AbuseTests
{
    private const string Program = "tests/Presence.NetworkTests.Host";
    private const int Words = 250;
    private const int PhasesPerRound = 8;
    private const double Unnoticed = 0.5; // ms: less than that is the scheduler's to decide, and is reckoned as that much

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
        int rounds = TestScale.Of(2, 10);
        List<double> abused = [];
        List<double> idle = [];
        List<double> beside = [];
        double[] memory = new double[rounds];
        await MeasureAsync(4 * Words); // until all is compiled
        for (int round = 0; round < rounds; round++)
        {
            await AbuseAsync(abused, idle, beside);
            memory[round] = _server.ResidentMiB();
        }

        double times = Quieter(abused) / Math.Max(Unnoticed, Math.Max(Quieter(idle), Quieter(beside)));
        await TestContext.Out.WriteLineAsync($"""
            99th percentile, ms, idle: {Listed(idle, "0.00")}
            abused: {Listed(abused, "0.00")}
            an idle server's beside it: {Listed(beside, "0.00")}
            Lower quartiles: idle {Quieter(idle):0.00}, abused {Quieter(abused):0.00}, beside it {Quieter(beside):0.00}: {times:0.0} times as long.
            MiB resident after each round: {Listed(memory, "0")}
            """);
        Assert.That(times, Is.LessThan(3), "Users wait too long.");
        Assert.That(memory[^1], Is.LessThan((1.2 * memory[0]) + 16), "Each round leaves something behind.");
    }

    private static async Task<HostProcess> StartServerAsync(NetworkHost host)
    {
        // The user sends no heartbeats; and who comes and goes is not logged, a thousand times a second.
        HostProcess server = host.StartAhead("samples/ChatServer", "--expire-after", "100000", "--Logging:LogLevel:ChatServer.Room", "Warning");
        await server.ReadUntilAsync("Listening");
        return server;
    }

    private async Task<HostProcess> StartUserAsync(string server)
    {
        HostProcess user = _network.Clients[0].StartAhead(Program, "chat-probe", $"host={server}");
        await user.ReadUntilAsync("ready");
        return user;
    }

    private async Task AbuseAsync(List<double> abused, List<double> idle, List<double> beside)
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
            (double waited, double waitedBeside) = await MeasureAsync(Words);
            abused.Add(waited);
            beside.Add(waitedBeside);
            await Task.WhenAll(abuse.SignalAsync("STOP"), halfOpen.SignalAsync("STOP"));
            idle.Add((await MeasureAsync(Words)).Server);
            await Task.WhenAll(abuse.SignalAsync("CONT"), halfOpen.SignalAsync("CONT"));
        }

        await TestContext.Out.WriteLineAsync($"{await abuse.AskAsync()}; {await halfOpen.AskAsync()}");
        abuse.End();
        halfOpen.End();
        await Wait.UntilAsync(() => _network.Server.SocketsAsync(8080, _network.Clients[1].Address), sockets => !sockets.Any(socket => socket.StartsWith("ESTAB", StringComparison.Ordinal)));
    }

    /// <returns>For how long the users of the server and of the one beside it wait to hear their own words: the 99th percentile, in ms.</returns>
    private async Task<(double Server, double Beside)> MeasureAsync(int words)
    {
        _user.Type($"measure {words}");
        _userBeside.Type($"measure {words}");
        return (Facts.Parse(await _user.ReadUntilAsync("measured: "))["p99"], Facts.Parse(await _userBeside.ReadUntilAsync("measured: "))["p99"]);
    }

    /// <summary>The lower quartile: what else a machine does only ever adds to a wait.</summary>
    private static double Quieter(List<double> numbers) => numbers.Order().ElementAt(numbers.Count / 4);

    private static string Listed(IEnumerable<double> numbers, string format) => string.Join(", ", numbers.Select(number => number.ToString(format, CultureInfo.InvariantCulture)));
}
