using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatServer.Tests;

/// <summary>Server and clients as users run them: each in a process of its own, on the real clock.</summary>
[Platform(Exclude = "Win", Reason = "There are no signals to stop a process with.")]
public sealed partial class ProcessTests
{
    private const int Limit = 10;

    /// <summary>For what is measured to get through processes and pipes of a machine that is busy.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long heartbeats go on after the application has hung: two intervals, and up to one until the next is due.</summary>
    private static readonly TimeSpan Patience = 3 * Tick;

    private ChildProcess _server = null!;
    private ChildProcess _observer = null!;
    private string _tcpPort = "";
    private string _page = "";

    [SetUp]
    public async Task StartServerAndObserver()
    {
        (_server, Match ports) = await StartServerAsync();
        _tcpPort = ports.Groups["tcp"].Value;
        _page = $"http://127.0.0.1:{ports.Groups["http"].Value}/events";
        _observer = await StartClientAsync("observer");
    }

    [TearDown]
    public void StopAll()
    {
        _observer?.Dispose();
        _server?.Dispose();
    }

    [Test]
    public async Task Client_Stopped_ExpiresAndLogsInAgainWhenItGoesOn()
    {
        using ChildProcess client = await StartVictimAsync();
        await AssertExpiresAsync(() => client.SignalAsync("STOP"));
        await client.SignalAsync("CONT");
        await client.ReadUntilAsync("(expired)");
        await client.ReadUntilAsync("Trying again in");
        await client.ReadUntilAsync("Welcome, victim");
        await _observer.ReadUntilAsync("* victim joined");
    }

    [Test]
    public async Task Client_Frozen_ExpiresAndHangsOn()
    {
        using ChildProcess client = await StartVictimAsync();
        await AssertExpiresAsync(() => TypeAsync(client, "/freeze", "Frozen"), Patience);
        Assert.That(client.HasExited, Is.False);
    }

    [Test]
    public async Task Client_Vanished_ExpiresAndEndsOnceTheServerHasNoticed()
    {
        using ChildProcess client = await StartVictimAsync();
        await AssertExpiresAsync(() => TypeAsync(client, "/vanish", "Vanished"));
        await client.ReadUntilAsync("The server has noticed");
        Assert.That(await client.ExitCodeAsync(), Is.Zero);
    }

    [Test]
    public async Task Client_Killed_IsDisconnectedByItsKernel()
    {
        using ChildProcess client = await StartVictimAsync();
        await client.SignalAsync("KILL");
        await _observer.ReadUntilAsync("* victim left (disconnected)");
        await AssertGoneAsync();
    }

    [Test]
    public async Task Client_Quits_HasLeft()
    {
        using ChildProcess client = await StartVictimAsync();
        client.Type("/quit");
        await _observer.ReadUntilAsync("* victim left (left)");
        Assert.That(await client.ExitCodeAsync(), Is.Zero);
        await AssertGoneAsync();
    }

    [Test]
    public async Task Client_WhoseInputEnds_HasLeft()
    {
        using ChildProcess client = await StartVictimAsync();
        client.EndInput();
        await _observer.ReadUntilAsync("* victim left (left)");
        Assert.That(await client.ExitCodeAsync(), Is.Zero);
    }

    [Test]
    public async Task Client_Healthy_TalksAndStaysForManyTimesTheLimit()
    {
        using ChildProcess client = await StartVictimAsync();
        client.Type("hello 你好");
        await _observer.ReadUntilAsync("<victim> hello 你好");
        client.Type("/tell observer psst, you");
        await _observer.ReadUntilAsync("[victim, to you] psst, you");

        await WaitManyTimesTheLimitAsync();
        client.Type("/who");
        await client.ReadUntilAsync("* Online: observer, victim");
    }

    [TestCase("Chat:TcpPort is '65536', but must be from 0", "--tcp-port", "65536")]
    [TestCase("Chat:TcpPort is 'eighty', but must be a whole number", "--tcp-port=eighty")]
    [TestCase("Presence:TickInterval is '1', but must be a time as hours:minutes:seconds", "--tick-interval", "1")]
    [TestCase("Presence:ExpireAfter: 0 is out of range; it must be from 1", "--expire-after", "0")]
    [TestCase("Presence:Rule is 'Forgive', but must be Reset or Decrement", "--set", "Presence:Rule=Forgive")]
    [TestCase("Chat:Unknown is no setting. The section Chat has TcpPort,", "--set", "Chat:Unknown=1")]
    [TestCase("Chat:PlainHeartbeats is 'perhaps', but must be true or false", "--set", "Chat:PlainHeartbeats=perhaps")]
    [TestCase("Cluster:Lease is 'x', but must be a time", "--set", "Cluster:Lease=x")]
    [TestCase("--set takes SECTION:NAME=VALUE", "--set", "MaxConnections")]
    [TestCase("The certificate 'missing.pfx' cannot be read: ", "--cert", "missing.pfx")]
    [TestCase("Chat:Redis is 'localhost', but must be HOST:PORT", "--redis", "localhost")]
    [TestCase("Chat:Redis is 'localhost:6379', but", "--redis", "localhost:6379,password=secret,sll=true")]
    [TestCase("Chat:RedisPort is '65536', but must be from 0", "--redis-port", "65536")]
    [TestCase("'--tcp-prot'", "--tcp-prot", "9000")]
    [TestCase("Logging:LogLevel:Default is 'zzz', but must be Trace or Debug", "--set", "Logging:LogLevel:Default=zzz")]
    [TestCase("cannot be used: Failed to convert configuration value 'zzz' at 'QueueFullMode'", "--set", "Logging:Console:QueueFullMode=zzz")]
    [TestCase("Logging:Console:LogLevel:Presence is 'zzz', but must be", "--set", "Logging:Console:LogLevel:Presence=zzz")]
    [TestCase("cannot be used: Specified argument was out of the range", "--set", "Logging:Console:MaxQueueLength=-1")]
    [TestCase("Kestrel:Endpoints is no setting", "--set", "Kestrel:Endpoints:x:Url=zzz")]
    [TestCase("Kestrel:Certificates is no setting", "--set", "Kestrel:Certificates:Default:Path=missing.pfx")]
    public async Task Server_WithBadSettings_SaysWhichAndFails(string message, params string[] arguments)
    {
        using ChildProcess server = ChildProcess.Start("ChatServer", arguments);
        Assert.That(await server.ReadUntilAsync(message), Does.Not.Contain("System.").And.Not.Contain("Exception"));
        Assert.That(await server.ExitCodeAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Server_OnAPortThatIsTaken_SaysSoAndFails()
    {
        using ChildProcess server = ChildProcess.Start("ChatServer", "--udp-port", "0", "--http-port", "0", "--tcp-port", _tcpPort);
        Assert.That(await server.ReadUntilAsync("cannot start"), Does.Contain($"Another program has TCP port {_tcpPort} already.").And.Contain("--tcp-port"));
        Assert.That(await server.ExitCodeAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Server_OnAPagePortThatIsTaken_SaysSoAndFails()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using ChildProcess server = ChildProcess.Start("ChatServer", "--udp-port", "0", "--tcp-port", "0", "--http-port", $"{port}");
        Assert.That(await server.ReadUntilAsync("cannot start"), Does.Contain($"Another program has TCP port {port} already.").And.Contain("--http-port"));
        Assert.That(await server.ExitCodeAsync(), Is.EqualTo(1));
    }

    [TestCase("ChatServer", "--help", "--expire-after")]
    [TestCase("ChatServer", "-h", "--set")]
    [TestCase("ChatClient", "--help", "--tls-insecure")]
    [TestCase("ChatClient", "-h", "NAME")]
    public async Task Program_AskedForHelp_ListsItsOptions(string program, string flag, string listed)
    {
        using ChildProcess process = ChildProcess.Start(program, flag);
        await process.ReadUntilAsync(listed);
        Assert.That(await process.ExitCodeAsync(), Is.Zero);
    }

    [Test]
    public async Task Server_WithAStoreOnAPortThatIsTaken_SaysSoAndFails()
    {
        using ChildProcess server = ChildProcess.Start(
            "ChatServer", "--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--redis", "embedded", "--redis-port", _tcpPort);
        await server.ReadUntilAsync("Or choose another port with --redis-port.");
        Assert.That(await server.ExitCodeAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Server_OnAUdpPortThatIsTaken_SaysSoAndFails()
    {
        using var taken = new UdpClient(0, AddressFamily.InterNetworkV6);
        string port = $"{((IPEndPoint)taken.Client.LocalEndPoint!).Port}";
        using ChildProcess server = ChildProcess.Start("ChatServer", "--udp-port", port, "--http-port", "0", "--tcp-port", "0");
        Assert.That(await server.ReadUntilAsync("cannot start"), Does.Contain($"Another program has UDP port {port} already.").And.Contain("--udp-port"));
        Assert.That(await server.ExitCodeAsync(), Is.EqualTo(1));
    }

    [TestCase("--plain-heartbeats")]
    [TestCase("--dev-cert", "--tls-insecure")]
    public async Task Client_OfAServerOfAnotherMode_StaysForManyTimesTheLimit(string serverFlag, params string[] clientFlags)
    {
        (ChildProcess started, Match ports) = await StartServerAsync(serverFlag);
        using ChildProcess server = started;
        using ChildProcess client = await StartClientAsync("wangwu", ["--port", ports.Groups["tcp"].Value, .. clientFlags]);
        await WaitManyTimesTheLimitAsync();
        client.Type("/who");
        await client.ReadUntilAsync("* Online: wangwu");
    }

    [Test]
    public async Task Client_WithoutAServer_SaysWhereItLookedAndFails()
    {
        using ChildProcess client = ChildProcess.Start("ChatClient", "wangwu", "--port", "1");
        await client.ReadUntilAsync("Cannot reach the chat server at localhost, port 1: ");
        Assert.That(await client.ExitCodeAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Client_WithALibraryMissing_DoesNotBlameTheServer()
    {
        string folder = Directory.CreateTempSubdirectory("chat").FullName;
        try
        {
            foreach (string file in Directory.GetFiles(ChildProcess.FolderOf("ChatClient")).Where(file => !file.EndsWith(".deps.json", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            File.Delete(Path.Combine(folder, "Presence.Udp.Client.dll"));
            using ChildProcess client = ChildProcess.StartAssembly(Path.Combine(folder, "ChatClient.dll"), "wangwu", "--port", _tcpPort);
            Assert.That(await client.ReadUntilAsync("Presence.Udp"), Does.Contain(nameof(FileNotFoundException)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task Client_OfANameInUse_IsRefusedAndFails()
    {
        using ChildProcess client = ChildProcess.Start("ChatClient", "observer", "--port", _tcpPort);
        await client.ReadUntilAsync("(name-in-use)");
        Assert.That(await client.ExitCodeAsync(), Is.EqualTo(1));
    }

    private static async Task TypeAsync(ChildProcess client, string line, string answer)
    {
        client.Type(line);
        await client.ReadUntilAsync(answer);
    }

    private async Task<ChildProcess> StartVictimAsync()
    {
        ChildProcess client = await StartClientAsync("victim");
        await _observer.ReadUntilAsync("* victim joined");
        return client;
    }

    private static async Task<(ChildProcess Server, Match Ports)> StartServerAsync(params string[] flags)
    {
        ChildProcess server = ChildProcess.Start(
            "ChatServer", ["--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--tick-interval", $"{Tick}", "--expire-after", $"{Limit}", .. flags]);
        return (server, Listening().Match(await server.ReadUntilAsync("Listening: chat")));
    }

    private static async Task WaitManyTimesTheLimitAsync()
    {
        long started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(Tick);
        while (TimeProvider.System.GetElapsedTime(started) < 3 * Limit * Tick)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private Task<ChildProcess> StartClientAsync(string user) => StartClientAsync(user, "--port", _tcpPort);

    private static async Task<ChildProcess> StartClientAsync(string user, params string[] arguments)
    {
        ChildProcess client = ChildProcess.Start("ChatClient", [user, .. arguments]);
        await client.ReadUntilAsync($"Welcome, {user}");
        await client.ReadUntilAsync("/vanish"); // the last line of the help, after which it takes what is typed
        return client;
    }

    private async Task AssertExpiresAsync(Func<Task> fallSilent, TimeSpan patience = default)
    {
        long before = TimeProvider.System.GetTimestamp();
        await fallSilent();
        long after = TimeProvider.System.GetTimestamp();
        await _observer.ReadUntilAsync("* victim left (expired)");

        // The last heartbeat may have come up to a tick before, and a tick may have been about to come.
        Assert.That(TimeProvider.System.GetElapsedTime(before), Is.GreaterThan((Limit - 2) * Tick), "It was expired too soon.");
        Assert.That(TimeProvider.System.GetElapsedTime(after), Is.LessThan(((Limit + 2) * Tick) + patience + Slack), "It was expired too late.");
        await AssertGoneAsync();
    }

    /// <summary>Nothing is left of the victim: no connection and no session in the server, and its name is free.</summary>
    private async Task AssertGoneAsync()
    {
        _observer.Type("/who");
        Assert.That(await _observer.ReadUntilAsync("* Online: "), Is.EqualTo("* Online: observer"));
        using var browser = new HttpClient { Timeout = Wait.Limit };
        using var events = new StreamReader(await browser.GetStreamAsync(new Uri(_page)));
        JsonElement status;
        do
        {
            string? line = await events.ReadLineAsync().WaitAsync(Wait.Limit);
            status = line is ['d', ..] ? JsonElement.Parse(line["data: ".Length..]) : default;
        }
        while (status.ValueKind == JsonValueKind.Undefined || status.GetProperty("connections").GetInt32() != 1);
        Assert.That(status.GetProperty("online").EnumerateArray().Select(user => user.GetProperty("user").GetString()), Is.EqualTo(["observer"]));

        using ChildProcess again = await StartVictimAsync();
    }

    [GeneratedRegex(@"TCP port (?<tcp>\d+) .* page at http://localhost:(?<http>\d+)")]
    private static partial Regex Listening();
}
