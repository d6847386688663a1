using System.Globalization;
using System.Text.RegularExpressions;

namespace Presence.NetworkTests;

/// <summary>A client of the sample falls silent, and TCP does not say so. Beside it stands a server that relies on TCP keep-alive.</summary>
[Category("BeyondSdk")]
public sealed partial class SilentClientTests
{
    private const int ChatPort = 8080;
    private const int KeepAlivePort = 9000;
    private const int ProbedPort = 9001;
    private const int Limit = 10;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long the server lets a client read why it has to go.</summary>
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(1);

    /// <summary>For what is measured to get through processes and pipes of a machine that is busy.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private Network _network = null!;
    private HostProcess _server = null!;
    private HostProcess _witness = null!;
    private HostProcess _observer = null!;
    private HostProcess _victim = null!;
    private HostProcess _connected = null!;

    private NetworkHost VictimHost => _network.Clients[1];

    [SetUp]
    public async Task StartAll()
    {
        _network = await Network.CreateAsync(clients: 2);
        _server = _network.Server.Start("samples/ChatServer", "--tick-interval", $"{Tick}", "--expire-after", $"{Limit}");
        _witness = _network.Server.Start("tests/Presence.NetworkTests.Host", "keepalive-server", $"port={KeepAlivePort}", $"probed-port={ProbedPort}");
        await _server.ReadUntilAsync("Listening");
        await _witness.ReadUntilAsync("listening");
        _observer = StartClient(_network.Clients[0], "observer");
        _victim = StartClient(VictimHost, "victim");
        _connected = VictimHost.Start(
            "tests/Presence.NetworkTests.Host", "keepalive-client", $"host={Network.ServerAddressFor(VictimHost)}", $"port={KeepAlivePort}", $"probed-port={ProbedPort}");
        await _observer.ReadUntilAsync("/vanish"); // the last line of the help, after which it takes what is typed
        await _victim.ReadUntilAsync("/vanish");
        await _connected.ReadUntilAsync("connected");
    }

    [TearDown]
    public async Task StopAll()
    {
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    [Test]
    public async Task Client_WhoseFinAndResetAreDropped_ExpiresAtTheLimit()
    {
        await _network.Server.DropAsync(VictimHost.Address, "FIN");
        await _network.Server.DropAsync(VictimHost.Address, "RST");
        await AssertExpiresAsync(async () =>
        {
            await _victim.SignalAsync("KILL"); // its kernel sends the FIN
            await _connected.SignalAsync("KILL");
        });
        Assert.That(await KeepAliveSocketAsync(KeepAlivePort), Does.StartWith("ESTAB"));
    }

    [Test]
    public async Task Client_WhoseLinkGoesDown_ExpiresAtTheLimit()
    {
        await AssertExpiresAsync(() => VictimHost.SetLinkAsync(up: false));
        Assert.That(await KeepAliveSocketAsync(KeepAlivePort), Does.StartWith("ESTAB"));
    }

    [Test]
    public async Task Client_WhosePathComesBackAfterItsEnd_LearnsOfIt()
    {
        await AssertExpiresAsync(async () =>
        {
            await _network.Server.RunAsync("iptables", "-A", "INPUT", "-s", VictimHost.Address, "-p", "udp", "-j", "DROP");
            await VictimHost.LoseAsync("tcp", 1);
        });
        await VictimHost.LoseNoMoreAsync("tcp", 1);
        await _victim.ReadUntilAsync("The server closed the connection");
    }

    /// <summary>Its user says nothing, so all that TCP carries is what the sender falls back to.</summary>
    [Test]
    public async Task Client_WhoseUdpIsBlocked_StaysOnlineByTcpUntilItStops()
    {
        await _network.Server.RunAsync("iptables", "-A", "INPUT", "-s", VictimHost.Address, "-p", "udp", "-j", "DROP");
        await Task.Delay(Tick * Limit * 3, TimeProvider.System);
        _victim.Type("still here");
        string told = await _observer.ReadUntilAsync("victim");
        told = told.Contains("joined", StringComparison.Ordinal) ? await _observer.ReadUntilAsync("victim") : told; // if the observer was there first
        Assert.That(told, Does.Contain("<victim> still here"), "and not that it left");
        await AssertExpiresAsync(
            async () =>
            {
                await _victim.SignalAsync("STOP");
                await _connected.SignalAsync("STOP");
            },
            isConnected: true);
    }

    [Test]
    public async Task Client_Stopped_ExpiresWhileItsKernelAnswersKeepAlive()
    {
        await AssertExpiresAsync(
            async () =>
            {
                await _victim.SignalAsync("STOP");
                await _connected.SignalAsync("STOP");
            },
            isConnected: true);
        await AssertKernelAnswersAsync();
    }

    [Test]
    public async Task Client_Deadlocked_ExpiresWhileItsKernelAnswersKeepAlive()
    {
        await AssertExpiresAsync(
            async () =>
            {
                _victim.Type("/freeze");
                await _victim.ReadUntilAsync("Frozen");
                _connected.Type("freeze");
                await _connected.ReadUntilAsync("frozen");
            },
            isConnected: true);
        await AssertKernelAnswersAsync();
        Assert.That(_victim.HasExited, Is.False);
    }

    private static HostProcess StartClient(NetworkHost host, string user) => host.Start("samples/ChatClient", user, "--host", Network.ServerAddressFor(host));

    private async Task AssertExpiresAsync(Func<Task> fallSilent, bool isConnected = false)
    {
        long before = TimeProvider.System.GetTimestamp();
        await fallSilent();
        long after = TimeProvider.System.GetTimestamp();
        Assert.That(await _network.Server.SocketsAsync(ChatPort, VictimHost.Address), Has.One.StartsWith("ESTAB"), "TCP noticed before the limit.");
        await _observer.ReadUntilAsync("* victim left (expired)");
        TimeSpan most = TimeProvider.System.GetElapsedTime(before);

        // The last heartbeat may have come up to a tick before, and a tick may have been about to come.
        Assert.That(most, Is.GreaterThan((Limit - 2) * Tick), "It was expired too soon.");
        Assert.That(TimeProvider.System.GetElapsedTime(after), Is.LessThan(((Limit + 2) * Tick) + Slack), "It was expired too late.");
        await TestContext.Out.WriteLineAsync($"Expired {most.TotalSeconds:0.00} s after the fault at the most, with a limit of {Limit} ticks of {Tick.TotalSeconds} s.");
        await AssertNothingIsLeftAsync();
    }

    /// <summary>No session in the server, no socket in its process nor in its kernel, and the name is free.</summary>
    private async Task AssertNothingIsLeftAsync()
    {
        _observer.Type("/who");
        Assert.That(await _observer.ReadUntilAsync("* Online: "), Is.EqualTo("* Online: observer"));

        long told = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(() => _network.Server.SocketsAsync(ChatPort, VictimHost.Address), sockets => sockets.Length == 0, Parting + Slack);
        await TestContext.Out.WriteLineAsync($"The kernel has no socket of it {TimeProvider.System.GetElapsedTime(told).TotalSeconds:0.0} s later.");
        StartClient(_network.Clients[0], "victim");
        await _observer.ReadUntilAsync("* victim joined");
    }

    /// <summary>What a server with TCP keep-alive has of the client by now.</summary>
    private async Task<string> KeepAliveSocketAsync(int port)
    {
        string socket = (await _network.Server.SocketsAsync(port, VictimHost.Address)).Single();
        await TestContext.Out.WriteLineAsync($"A server with keep-alive has: {Essence().Replace(socket, " ")}");
        return socket;
    }

    /// <summary>With a probe a second, each has been answered, and the last no longer ago than that.</summary>
    private async Task AssertKernelAnswersAsync()
    {
        Assert.That(await KeepAliveSocketAsync(KeepAlivePort), Does.StartWith("ESTAB"));
        string probed = await KeepAliveSocketAsync(ProbedPort);
        Assert.That(probed, Does.StartWith("ESTAB"));
        int lastAnswer = int.Parse(LastAnswer().Match(probed).Groups["ms"].Value, CultureInfo.InvariantCulture);
        Assert.That(lastAnswer, Is.LessThan(1500), "The kernel does not answer keep-alive.");
    }

    [GeneratedRegex(@"lastack:(?<ms>\d+)")]
    private static partial Regex LastAnswer();

    /// <summary>What need not be told.</summary>
    [GeneratedRegex(@"\s+(users:|ts sack).*?(?=lastrcv)|pacing_rate.*|\s+")]
    private static partial Regex Essence();
}
