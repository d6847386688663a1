using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Presence.Redis.Tests.Stores;

namespace ChatServer.Tests;

/// <summary>What a newcomer may do with the client, and what it may meet.</summary>
public sealed partial class ClientProcessTests
{
    [TestCase("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [TestCase("SSH-2.0-OpenSSH_9.6\r\n")]
    [TestCase("[]\n")]
    [TestCase("{}\n")]
    [TestCase("{\"type\":5}\n")]
    [TestCase("{\"type\":\"joined\",\"user\":\"x\"}\n")]
    [TestCase("{\"type\":\"welcome\"}\n")]
    [TestCase("{\"type\":\"welcome\",\"user\":\"\\ud800\",\"heartbeat\":{\"port\":-1,\"intervalMs\":0,\"expireAfter\":\"x\"}}\n")]
    [TestCase("no line feed at all, ", 10_000)]
    public async Task Client_OfSomethingElse_SaysWhatItSaidAndFails(string said, int times = 1)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using ChildProcess client = ChildProcess.Start("ChatClient", "ann", "--host", "127.0.0.1", "--port", $"{((IPEndPoint)other.LocalEndpoint).Port}");
        using Socket connection = await other.AcceptSocketAsync().WaitAsync(Wait.Limit);
        await connection.SendAsync(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(said, times))));
        Assert.That(await AssertFailsAsync(client, "is no chat server. It said: '"), Has.Length.LessThan(250).And.Not.Contain("\uFFFD"));
    }

    [Test]
    public async Task Client_OfTheServersPage_SaysThatItIsNoChatServer()
    {
        await using TestServer server = await TestServer.StartAsync();
        using ChildProcess client = ChildProcess.Start("ChatClient", "ann", "--port", $"{server.Page.Port}");
        await AssertFailsAsync(client, "is no chat server. It said: 'HTTP/1.1 400 Bad Request");
    }

    [Test]
    public async Task Client_OfWhoSaysNothing_DoesNotWaitForEver()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using ChildProcess client = ChildProcess.Start("ChatClient", "ann", "--port", $"{((IPEndPoint)silent.LocalEndpoint).Port}");
        await AssertFailsAsync(client, "in 10 s. Is it a chat server? If it uses TLS, try --tls.");
    }

    [TestCase("--dev-cert", "try --tls")]
    [TestCase("--dev-cert", "UntrustedRoot", "--tls")]
    [TestCase("--dev-cert", "use --tls-insecure", "--tls")]
    [TestCase("--plain-heartbeats", "speaks no TLS", "--tls")]
    public async Task Client_OfAServerThatProtectsItselfOtherwise_SaysWhatToDo(string serverFlag, string message, params string[] clientFlags)
    {
        await using TestServer server = await TestServer.StartAsync(serverFlag);
        using ChildProcess client = ChildProcess.Start("ChatClient", ["ann", "--port", $"{server.TcpPort}", .. clientFlags]);
        await AssertFailsAsync(client, message);
    }

    [TestCase("'70000'", "ann", "--port=70000")]
    [TestCase("'x'", "ann", "--port", "x")]
    [TestCase("'--prot'", "ann", "--prot", "8080")]
    [TestCase("NAME")]
    [TestCase("NAME is ''", "")]
    [TestCase("--host is ''", "ann", "--host", "")]
    [TestCase("--host is 'http://localhost'", "ann", "--host", "http://localhost")]
    [TestCase("Cannot reach the chat server at 0.0.0.0", "ann", "--host", "0.0.0.0", "--port", "1")]
    [TestCase("Cannot reach the chat server at ::", "ann", "--host", "::", "--port", "1")]
    [TestCase("Cannot reach the chat server at 255.255.255.255", "ann", "--host", "255.255.255.255", "--port", "1")]
    [TestCase("Cannot reach the chat server at no-such-host.invalid", "ann", "--host", "no-such-host.invalid")]
    [TestCase("Cannot reach the chat server at xn--a.invalid", "ann", "--host", "xn--a.invalid", "--tls")]
    [TestCase("'lisi'", "ann", "lisi")]
    public async Task Client_OfAWrongCommandLine_NamesWhatWasGiven(string given, params string[] arguments)
    {
        using ChildProcess client = ChildProcess.Start("ChatClient", arguments);
        await AssertFailsAsync(client, given);
    }

    [Test]
    public async Task Client_WhoseServerGoesAndComesBack_LogsInAgainAndTalks()
    {
        int port = FreePort.Next();
        ChildProcess client;
        await using (await TestServer.StartAsync("--set", $"Chat:TcpPort={port}"))
        {
            client = ChildProcess.Start("ChatClient", "ann", "--port", $"{port}");
            await client.ReadUntilAsync("/vanish");
        }

        using ChildProcess ann = client;
        await ann.ReadUntilAsync("The server closed the connection");
        await ann.ReadUntilAsync("Trying again in");
        await using TestServer server = await TestServer.StartAsync("--set", $"Chat:TcpPort={port}");
        await ann.ReadUntilAsync("Welcome, ann");
        using TestClient bob = await server.LogInAsync("bob");
        ann.Type("here again");
        Assert.That((await bob.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo("here again"));
        ann.Type("/quit");
        Assert.That(await ann.ExitCodeAsync(), Is.Zero);
    }

    [Test]
    public async Task Client_WithoutConnection_QuitsWhenItIsTold()
    {
        ChildProcess client;
        await using (TestServer server = await TestServer.StartAsync())
        {
            client = ChildProcess.Start("ChatClient", "ann", "--port", $"{server.TcpPort}");
            await client.ReadUntilAsync("/vanish");
        }

        using ChildProcess ann = client;
        await ann.ReadUntilAsync("Trying again in");
        ann.Type("hello?");
        await ann.ReadUntilAsync("not sent");
        ann.Type("/quit");
        Assert.That(await ann.ExitCodeAsync(), Is.Zero);
    }

    [Test]
    public async Task Who_WithManyOnline_IsReadPageByPage()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestClient[] others = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => server.LogInAsync($"user{i:00}")));
        using ChildProcess client = ChildProcess.Start("ChatClient", "ann", "--port", $"{server.TcpPort}");
        Assert.That(await client.ReadUntilAsync("Welcome, ann"), Does.Contain("Online, 50 of 61: ann, user00").And.EndWith("Those after user48: /who user48"));
        await client.ReadUntilAsync("/vanish");
        client.Type("/who user48");
        Assert.That(await client.ReadUntilAsync("* Online"), Does.Contain(": user49, ").And.EndWith("user59"));
        Array.ForEach(others, other => other.Dispose());
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "There is no script(1) to make a terminal with.")]
    public async Task Client_OnATerminal_KeepsWhatIsTypedWholeAndShowsItOnce()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestClient bob = await server.LogInAsync("bob");
        using var ann = TerminalProcess.Start("ChatClient", $"ann --port {server.TcpPort}");
        await ann.ReadUntilAsync("/vanish");
        await ann.ReadUntilAsync("> "); // from here on it reads keys
        await bob.ReadAsync("joined");
        ann.Type("hello 你");
        await ann.ReadUntilAsync("> hello 你"); // as it is typed, letter by letter
        await bob.SendAsync(new { type = "say", text = "me first" });
        await bob.ReadAsync("say");
        Assert.That(await ann.ReadUntilAsync("> hello 你"), Does.Contain("\r\u001b[K<bob> me first")); // above what is being typed, which is whole again

        ann.Type("\u007f好\r"); // a backspace
        Assert.That((await bob.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo("hello 好"));
        Assert.That(await ann.ReadUntilAsync("<ann> hello 好"), Does.EndWith("\r\u001b[K<ann> hello 好")); // in place of what was typed
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "There is no script(1) to make a terminal with.")]
    public async Task Client_OnATerminalWithMoreTypedThanFits_ShowsTheEnd()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var ann = TerminalProcess.Start("ChatClient", $"ann --port {server.TcpPort}");
        await ann.ReadUntilAsync("/vanish");
        await ann.ReadUntilAsync("> "); // from here on it reads keys
        ann.Type("a");
        await ann.ReadUntilAsync("> a"); // by now the terminal shows nothing by itself
        ann.Type(string.Concat(Enumerable.Repeat("你", 50)) + "end"); // 103 cells more, of 80
        string drawn = await ann.ReadUntilAsync("你end");
        Assert.That(drawn[drawn.LastIndexOf("> ", StringComparison.Ordinal)..], Is.EqualTo($"> {string.Concat(Enumerable.Repeat("你", 37))}end")); // 79 cells at the most
    }

    [GeneratedRegex(@"^\s+at ", RegexOptions.Multiline)]
    private static partial Regex StackTrace();

    /// <summary>Waits for what it says, and for its end.</summary>
    /// <returns>The line.</returns>
    private static async Task<string> AssertFailsAsync(ChildProcess client, string message)
    {
        string line = await client.ReadUntilAsync(message);
        Assert.That(line, Does.Not.Contain("Exception"));
        Assert.That(await client.ExitCodeAsync(), Is.EqualTo(1));
        Assert.That(StackTrace().IsMatch(client.Seen), Is.False, client.Seen);
        return line;
    }
}
