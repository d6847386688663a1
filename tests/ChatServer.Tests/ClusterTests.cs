using System.Text.Json;
using Presence.Redis.Tests.Stores;

namespace ChatServer.Tests;

/// <summary>Two servers that are one chat, by a store in one of them or by a Redis.</summary>
[TestFixture("embedded")]
[TestFixture("redis-server", Category = "BeyondSdk")]
public sealed class ClusterTests(string store)
{
    private RedisProcess? _redis;
    private TestServer _a = null!;
    private TestServer _b = null!;
    private TestClient _ann = null!;
    private TestClient _bob = null!;

    [SetUp]
    public async Task StartServers()
    {
        if (store == "embedded")
        {
            _a = await TestServer.StartInClusterAsync("a", "embedded");
        }
        else
        {
            _redis = await Redis.StartAsync();
            _a = await TestServer.StartInClusterAsync("a", $"127.0.0.1:{_redis.Port}");
        }

        _b = await TestServer.StartInClusterAsync("b", _a.StoreAddress);
        _ann = await _a.LogInAsync("ann");
        _bob = await _b.LogInAsync("bob");
        await _bob.SeeAsync("ann");
        await _ann.ReadAsync("joined");
    }

    [TearDown]
    public async Task StopServers()
    {
        _ann?.Dispose();
        _bob?.Dispose();
        await (_b?.DisposeAsync() ?? default);
        await (_a?.DisposeAsync() ?? default);
        await (_redis?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task Say_OnBothServersAtOnce_IsHeardByAllInTheOrderOfEachSpeaker()
    {
        const int Said = 200;
        await Task.WhenAll(SayAsync(_ann), SayAsync(_bob));
        foreach (TestClient listener in new[] { _ann, _bob })
        {
            var heard = new List<(string? From, string? Text)>();
            while (heard.Count < 2 * Said)
            {
                JsonElement say = await listener.ReadAsync("say");
                heard.Add((say.GetProperty("from").GetString(), say.GetProperty("text").GetString()));
            }

            foreach (string speaker in new[] { "ann", "bob" })
            {
                Assert.That(heard.Where(say => say.From == speaker).Select(say => say.Text), Is.EqualTo(Enumerable.Range(0, Said).Select(number => $"{number}")));
            }
        }

        static async Task SayAsync(TestClient client)
        {
            for (int number = 0; number < Said; number++)
            {
                await client.SendAsync(new { type = "say", text = $"{number}" });
            }
        }
    }

    [Test]
    public async Task Tell_ToAUserOfAnotherServer_ReachesThatOneAlone()
    {
        using TestClient cy = await _b.LogInAsync("cy");
        await _ann.ReadAsync("joined");
        await _bob.ReadAsync("joined");
        await _ann.SendAsync(new { type = "tell", to = "bob", text = "psst" });
        Assert.That((await _bob.ReadAsync("tell")).GetProperty("from").GetString(), Is.EqualTo("ann"));
        await _ann.SendAsync(new { type = "say", text = "all" });
        await _bob.ReadAsync("say");
        await cy.ReadAsync("say");
        await _ann.ReadAsync("say");
        await _ann.SendAsync(new { type = "tell", to = "nobody", text = "psst" });
        Assert.That(await _ann.ReadErrorAsync(), Is.EqualTo("not-online"));
    }

    [Test]
    public async Task Who_WithUsersOnBothServers_ListsAllAndTheServersOfTheOthers()
    {
        await _ann.SendAsync(new { type = "who" });
        JsonElement who = await _ann.ReadAsync("who");
        Assert.That(who.GetProperty("online").GetRawText(), Is.EqualTo("""["ann","bob"]"""));
        Assert.That(who.GetProperty("elsewhere").GetRawText(), Is.EqualTo("""[{"user":"bob","server":"b"}]"""));
    }

    [Test]
    public async Task Page_WithUsersOnBothServers_ShowsThoseElsewhereAndTheirServers()
    {
        using var browser = new HttpClient { BaseAddress = _a.Page };
        using var events = new StreamReader(await browser.GetStreamAsync("/events"));
        string? line = await events.ReadLineAsync().WaitAsync(Wait.Limit);
        JsonElement status = JsonElement.Parse(line!["data: ".Length..]);
        Assert.That(status.GetProperty("online")[0].GetProperty("user").GetString(), Is.EqualTo("ann"));
        Assert.That(status.GetProperty("elsewhere").GetRawText(), Is.EqualTo("""[{"user":"bob","server":"b"}]"""));
        Assert.That(status.GetProperty("events")[0].GetProperty("server").GetString(), Is.EqualTo("b"));
    }

    [Test]
    public async Task LogIn_UnderANameThatIsOnlineElsewhere_IsRefusedUntilItIsFree()
    {
        using TestClient other = await _a.ConnectAsync();
        await other.SendAsync(new { type = "login", user = "bob" });
        Assert.That(await other.ReadErrorAsync(), Is.EqualTo("name-in-use"));

        await _bob.SendAsync(new { type = "logout" });
        Assert.That(await _ann.ReadLeftAsync(), Is.EqualTo("bob left"));
        await other.LogInAsync("bob");
        Assert.That(await other.WhoAsync(), Is.EqualTo(["ann", "bob"]));
    }

    [Test]
    public async Task Heartbeats_StopOnOneServer_ExpireTheUserOnBoth()
    {
        _b.Ticks.Advance(6);
        Assert.That(await _bob.ReadErrorAsync(), Is.EqualTo("expired"));
        Assert.That(await _ann.ReadLeftAsync(), Is.EqualTo("bob expired"));
        Assert.That(await _ann.WhoAsync(), Is.EqualTo(["ann"]));
    }

    [Test]
    public async Task Stop_OfOneServer_IsToldOnTheOther()
    {
        await _b.DisposeAsync();
        Assert.That(await _ann.ReadLeftAsync(), Is.EqualTo("bob shutdown"));
        using TestClient again = await _a.LogInAsync("bob");
    }
}
