using System.Net;
using System.Text;
using System.Text.Json;

namespace ChatServer.Tests;

/// <summary>What is said over TCP, on real sockets.</summary>
public sealed class ProtocolTests
{
    private TestServer _server = null!;

    [SetUp]
    public async Task StartServer() => _server = await TestServer.StartAsync();

    [TearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Login_FreeName_IsWelcomedFirstAndOthersAreTold()
    {
        using TestClient zhangsan = await _server.LogInAsync("zhangsan");
        using TestClient lisi = await _server.ConnectAsync();
        JsonElement welcome = await lisi.LogInAsync("lisi");
        JsonElement joined = await zhangsan.ReadAsync("joined");
        JsonElement heartbeat = welcome.GetProperty("heartbeat");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lisi.Key, Has.Length.EqualTo(32));
            Assert.That(lisi.Session, Does.Match("^[0-9a-f]{16}$"));
            Assert.That(heartbeat.GetRawText(), Is.EqualTo($$"""{"port":{{_server.UdpPort}},"intervalMs":1000,"expireAfter":5}"""));
            Assert.That(welcome.GetProperty("online").GetRawText(), Is.EqualTo("""["lisi","zhangsan"]"""));
            Assert.That(joined.GetProperty("user").GetString(), Is.EqualTo("lisi"));
        }
    }

    [TestCase]
    [TestCase("--plain-heartbeats")]
    public async Task Connect_OverIPv6_IsServedAndItsHeartbeatsCount(params string[] flags)
    {
        await using TestServer server = await TestServer.StartAsync(flags);
        using TestClient client = await TestClient.ConnectAsync(server.TcpPort, IPAddress.IPv6Loopback);
        JsonElement welcome = await client.LogInAsync("six");
        Assert.That(welcome.GetProperty("user").GetString(), Is.EqualTo("six"));
        server.Ticks.Advance();
        await server.BeatAsync(client);
    }

    [TestCase("{\"type\":\"login\"", "bad-json")]
    [TestCase("[1,2]", "bad-json")]
    [TestCase("null", "bad-json")]
    [TestCase("5", "bad-json")]
    [TestCase("{} {}", "bad-json")]
    [TestCase("""{"type":"login","user":"\ud800"}""", "bad-json")]
    [TestCase("""{"type":"login","user":"a","user":"b"}""", "bad-json")]
    [TestCase("{}", "unknown-type")]
    [TestCase("""{"type":5}""", "unknown-type")]
    [TestCase("""{"type":"dance"}""", "unknown-type")]
    [TestCase("""{"type":"say","text":"hi"}""", "not-logged-in")]
    [TestCase("""{"type":"tell","to":"lisi","text":"hi"}""", "not-logged-in")]
    [TestCase("""{"type":"who"}""", "not-logged-in")]
    [TestCase("""{"type":"logout"}""", "not-logged-in")]
    [TestCase("""{"type":"login"}""", "bad-message")]
    [TestCase("""{"type":"login","user":{"a":1}}""", "bad-message")]
    [TestCase("""{"type":"login","user":"two words"}""", "bad-name")]
    [TestCase("{\"type\":\"login\",\"user\":\"a\uFFFE\"}", "bad-name")] // not a character, for which .NET's normalization throws
    [TestCase("""{"type":"login","user":"a\uFFFE"}""", "bad-name")]
    [TestCase("""{"type":"login","user":"\u3164"}""", "bad-name")]
    [TestCase("""{"type":"login","user":"zhangsan"}""", "name-in-use")]
    public async Task Line_WrongBeforeLogin_IsAnsweredAndConnectionGoesOn(string line, string code)
    {
        using TestClient zhangsan = await _server.LogInAsync("zhangsan");
        using TestClient client = await _server.ConnectAsync();
        await client.SendLineAsync(line);
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo(code));
        await client.LogInAsync("lisi");
    }

    [TestCase("no json", "bad-json")]
    [TestCase("""{"type":"dance"}""", "unknown-type")]
    [TestCase("""{"type":"login","user":"another"}""", "already-logged-in")]
    [TestCase("""{"type":"say"}""", "bad-message")]
    [TestCase("""{"type":"say","text":""}""", "bad-message")]
    [TestCase("""{"type":"say","text":7}""", "bad-message")]
    [TestCase("""{"type":"tell","text":"hi"}""", "bad-message")]
    [TestCase("""{"type":"tell","to":"zhangsan"}""", "bad-message")]
    [TestCase("""{"type":"tell","to":"nobody","text":"hi"}""", "not-online")]
    [TestCase("""{"type":"tell","to":"!","text":"hi"}""", "not-online")]
    public async Task Line_WrongAfterLogin_IsAnsweredAndSessionGoesOn(string line, string code)
    {
        using TestClient client = await _server.LogInAsync("zhangsan");
        await client.SendLineAsync(line);
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo(code));
        Assert.That(await client.WhoAsync(), Is.EqualTo(["zhangsan"]));
    }

    [Test]
    public async Task Line_BrokenUtf8_IsBadJson()
    {
        using TestClient client = await _server.ConnectAsync();
        await client.SendBytesAsync([.. "{\"type\":\"login\",\"user\":\""u8, 0xC3, 0x28, .. "\"}\n"u8]);
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo("bad-json"));
    }

    [Test]
    public async Task Line_EmptyOrWithCarriageReturn_IsTolerated()
    {
        using TestClient client = await _server.ConnectAsync();
        await client.SendLineAsync("\n\r\n  \r\n{\"type\":\"login\",\"user\":\"zhangsan\"}\r");
        Assert.That((await client.ReadAsync("welcome")).GetProperty("user").GetString(), Is.EqualTo("zhangsan"));
    }

    [Test]
    public async Task Line_InPiecesOrManyAtOnce_IsCutAtLineFeeds()
    {
        using TestClient client = await _server.LogInAsync("zhangsan");
        byte[] two = Encoding.UTF8.GetBytes("""{"type":"say","text":"你好"}""" + "\n" + """{"type":"who"}""" + "\n");
        foreach (byte[] piece in two.Chunk(3))
        {
            await client.SendBytesAsync(piece);
        }

        Assert.That((await client.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo("你好"));
        await client.ReadAsync("who");
    }

    [TestCase(ChatOptions.MaxLineBytes - 1)]
    [TestCase(ChatOptions.MaxLineBytes)]
    public async Task Line_WithinLimit_IsTaken(int bytes)
    {
        using TestClient client = await _server.LogInAsync("zhangsan");
        await client.SendLineAsync(SayOfLength(bytes));
        await client.ReadAsync("say");
    }

    [TestCase(ChatOptions.MaxLineBytes + 1)]
    [TestCase(1_000_000)]
    public async Task Line_OverLimit_IsToldAndClosesAtOnceForOthers(int bytes)
    {
        using TestClient lisi = await _server.LogInAsync("lisi");
        using TestClient client = await _server.LogInAsync("zhangsan");
        await lisi.ReadAsync("joined");
        await client.SendLineAsync(SayOfLength(bytes));
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo("line-too-long"));
        await client.ReadToEndAsync();
        Assert.That(await lisi.ReadLeftAsync(), Is.EqualTo("zhangsan disconnected"));
    }

    [Test]
    public async Task Say_Anything_IsHeardByAllAndBySpeaker()
    {
        using TestClient zhangsan = await _server.LogInAsync("zhangsan");
        using TestClient lisi = await _server.LogInAsync("lisi");
        await zhangsan.ReadAsync("joined");
        await lisi.SendAsync(new { type = "say", text = "it's 你好 <b>\n" });
        foreach (TestClient listener in new[] { zhangsan, lisi })
        {
            JsonElement say = await listener.ReadAsync("say");
            Assert.That($"{say.GetProperty("from")}: {say.GetProperty("text")}", Is.EqualTo("lisi: it's 你好 <b>\n"));
        }
    }

    [Test]
    public async Task Tell_OneOnline_IsHeardByThatOneOnly()
    {
        using TestClient zhangsan = await _server.LogInAsync("zhangsan");
        using TestClient lisi = await _server.LogInAsync("lisi");
        await zhangsan.ReadAsync("joined");
        await lisi.SendAsync(new { type = "tell", to = "zhangsan", text = "psst" });
        JsonElement tell = await zhangsan.ReadAsync("tell");
        Assert.That($"{tell.GetProperty("from")}: {tell.GetProperty("text")}", Is.EqualTo("lisi: psst"));
        Assert.That(await lisi.WhoAsync(), Is.EqualTo(["lisi", "zhangsan"])); // the next that lisi hears
    }

    [Test]
    public async Task Login_SameNameInOtherEncoding_IsInUse()
    {
        using TestClient composed = await _server.LogInAsync("Ren\u00E9");
        using TestClient decomposed = await _server.ConnectAsync();
        await decomposed.SendAsync(new { type = "login", user = "Rene\u0301" });
        Assert.That(await decomposed.ReadErrorAsync(), Is.EqualTo("name-in-use"));
    }

    /// <summary>What <c>printf … | nc -N</c> does: all that it sends comes at once, with the end, and without a last line feed.</summary>
    [TestCase]
    [TestCase("--dev-cert")]
    public async Task Lines_FollowedByAHalfClose_AreAllAnsweredFirst(params string[] flags)
    {
        await using TestServer server = await TestServer.StartAsync(flags);
        for (int i = 0; i < 40; i++)
        {
            using TestClient client = await server.ConnectAsync();
            await client.SendBytesAsync(Encoding.UTF8.GetBytes($$"""{"type":"login","user":"nc{{i}}"}""" + "\n" + """{"type":"say","text":"hi"}""" + "\n" + """{"type":"who"}"""));
            client.EndSending();
            await client.ReadAsync("welcome");
            await client.ReadAsync("say");
            await client.ReadAsync("who");
            Assert.That(await client.ReadLineAsync(), Is.Null);
        }
    }

    [Test]
    public async Task Error_FollowedByAHalfClose_IsReadToItsEnd()
    {
        using TestClient client = await _server.ConnectAsync();
        await client.SendLineAsync(SayOfLength(ChatOptions.MaxLineBytes + 1));
        client.EndSending();
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo("line-too-long"));
        Assert.That(await client.ReadLineAsync(), Is.Null);
    }

    [Test]
    public async Task Text_InAnyScript_IsSentAsItIs()
    {
        using TestClient client = await _server.LogInAsync("𠮷野家");
        await client.SendAsync(new { type = "say", text = "😀 \"\\\n" });
        Assert.That(await client.ReadLineAsync(), Is.EqualTo("""{"type":"say","from":"𠮷野家","text":"😀 \"\\\u000a"}"""));
    }

    [TestCase("""{"type":"login","user":"two words"}""", "'two words' cannot be a name.")]
    [TestCase("""{"type":"login","user":"zhangsan"}""", "'zhangsan'")]
    [TestCase("""{"type":"dance"}""", "'dance'")]
    [TestCase("""{"type":"who"}""", "'who'")]
    public async Task Error_ForAnything_NamesWhatWasGiven(string line, string given)
    {
        using TestClient zhangsan = await _server.LogInAsync("zhangsan");
        using TestClient client = await _server.ConnectAsync();
        await client.SendLineAsync(line);
        Assert.That((await client.ReadAsync("error")).GetProperty("message").GetString(), Does.Contain(given));
    }

    private static string SayOfLength(int bytes)
    {
        const string Empty = """{"type":"say","text":""}""";
        return Empty.Insert(Empty.Length - 2, new string('x', bytes - Empty.Length));
    }
}
