using System.Security.Cryptography;
using System.Text;

namespace ChatServer.Tests;

/// <summary>A connection breaks, and its user comes back under the same name while the old session is still there.</summary>
public sealed class ResumeTests
{
    private TestServer _server = null!;
    private TestClient _observer = null!;
    private TestClient _client = null!;

    [SetUp]
    public async Task StartServer()
    {
        _server = await TestServer.StartAsync("--expire-after", "5");
        _observer = await _server.LogInAsync("observer");
        _client = await _server.LogInAsync("client");
        await _observer.ReadAsync("joined");
    }

    [TearDown]
    public async Task StopServer()
    {
        _client?.Dispose();
        _observer?.Dispose();
        await (_server?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task Resume_WithTheProof_IsBackAtOnceAndNobodyIsTold()
    {
        await BreakAsync();
        using TestClient back = await TestClient.ConnectAsync(_server.TcpPort);

        await ResumeAsync(back, _client);

        Assert.That((await back.ReadAsync("welcome")).GetProperty("session").GetString(), Is.Not.EqualTo(_client.Session));
        _server.Ticks.Advance(3);
        await _server.BeatAsync(_observer);
        await back.SendAsync(new { type = "say", text = "I am back" });
        Assert.That((await _observer.ReadAsync()).GetProperty("type").GetString(), Is.EqualTo("say"), "the next that is heard");
        Assert.That(await _observer.WhoAsync(), Is.EqualTo(["client", "observer"]));
    }

    [Test]
    public async Task Resume_WhileTheOldConnectionStands_ClosesThatOne()
    {
        using TestClient back = await TestClient.ConnectAsync(_server.TcpPort);

        await ResumeAsync(back, _client);

        await back.ReadAsync("welcome");
        Assert.That(await _client.ReadErrorAsync(), Is.EqualTo("replaced"));
        await _client.ReadToEndAsync();
        await Wait.UntilAsync(() => _server.Connections == 2);
        Assert.That(await _observer.WhoAsync(), Is.EqualTo(["client", "observer"]));
    }

    [Test]
    public async Task Resume_AfterTheSessionIsOver_IsALogin()
    {
        await BreakAsync();
        _server.Ticks.Advance(3);
        Assert.That(await _observer.ReadLeftAsync(), Is.EqualTo("client disconnected"));
        using TestClient back = await TestClient.ConnectAsync(_server.TcpPort);

        await ResumeAsync(back, _client);

        await back.ReadAsync("welcome");
        await _observer.ReadAsync("joined");
    }

    [TestCase("none")]
    [TestCase("another's")]
    [TestCase("too long")]
    [TestCase("no base64")]
    [TestCase("of another session")]
    public async Task Resume_WithoutTheProof_IsRefusedAsThatOfAStranger(string proof)
    {
        await BreakAsync();
        using TestClient stranger = await TestClient.ConnectAsync(_server.TcpPort);

        await stranger.SendAsync(new
        {
            type = "login",
            user = "client",
            resume = proof == "of another session" ? _observer.Session : _client.Session,
            proof = proof switch
            {
                "another's" => ProofOf(_observer.Key!, _client.Session),
                "too long" => Convert.ToBase64String(new byte[1000]),
                "no base64" => "?",
                "of another session" => ProofOf(_observer.Key!, _observer.Session),
                _ => null,
            },
        });

        Assert.That(await stranger.ReadErrorAsync(), Is.EqualTo("name-in-use"));
        await ResumeAsync(stranger, _client);
        await stranger.ReadAsync("welcome");
    }

    /// <summary>Or one address could hold any number of names, without the connections of which it may have so many.</summary>
    [TestCase]
    [TestCase("--plain-heartbeats")]
    public async Task Heartbeats_AfterTheConnectionBroke_KeepNobody(params string[] flags)
    {
        await using TestServer server = await TestServer.StartAsync(["--expire-after", "5", .. flags]);
        using TestClient observer = await server.LogInAsync("observer");
        using TestClient client = await server.LogInAsync("client");
        await observer.ReadAsync("joined");
        client.Reset();
        await Wait.UntilAsync(() => server.Connections == 1);
        for (int tick = 1; tick <= 3; tick++)
        {
            Assert.That(server.Tracker.OnlineCount, Is.EqualTo(2));
            await client.BeatAsync();
            server.Ticks.Advance();
            await server.BeatAsync(observer); // which comes after the other's
        }

        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("client disconnected"));
    }

    [Test]
    public async Task Line_OfAnyKind_IsASignOfLife()
    {
        _server.Ticks.Advance(5);
        await _server.BeatAsync(_observer);

        await _client.SendAsync(new { type = "heartbeat" });

        await Wait.UntilAsync(() => _server.CountOf("client") == 0);
    }

    private static Task ResumeAsync(TestClient client, TestClient before) => client.SendAsync(
        new { type = "login", user = before.User, resume = before.Session, proof = ProofOf(before.Key!, before.Session) });

    private static string ProofOf(byte[] key, string session) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"resume {session}")));

    private async Task BreakAsync()
    {
        _client.Reset();
        await Wait.UntilAsync(() => _server.Connections == 1);
    }
}
