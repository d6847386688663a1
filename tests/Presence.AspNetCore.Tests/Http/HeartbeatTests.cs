using System.Net;
using System.Text.Json;

namespace Presence.AspNetCore.Tests.Http;

[TestFixture]
public sealed class HeartbeatTests
{
    private HeartbeatHost _host = null!;

    [SetUp]
    public async Task StartAsync() => _host = await HeartbeatHost.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Device_ThatBeats_StaysOnlineUntilItLeaves()
    {
        string token = await _host.LogInAsync("sensor 7");
        for (int i = 0; i < 20; i++)
        {
            _host.Ticks.Advance();
            _host.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.That(await _host.BeatAsync(token), Is.EqualTo(HttpStatusCode.NoContent));
        }

        int count = _host.Tracker.Snapshot().Single().Count;
        HttpStatusCode leave = await _host.LeaveAsync(token);

        Assert.That((count, leave), Is.EqualTo((0, HttpStatusCode.NoContent)));
        Assert.That(await _host.BeatAsync(token), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await _host.LeaveAsync(token), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(_host.Tracker.OnlineCount, Is.Zero);
        await Wait.UntilAsync(() => _host.Tokens.Count == 0, "no token");
    }

    [Test]
    public async Task Login_OfADevice_TellsIntervalAndLimitAndIsNotKept()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/heartbeats") { Headers = { { "X-Device", "sensor 7" } } };
        using HttpResponseMessage response = await _host.Client.SendAsync(request);

        using JsonDocument ticket = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(ticket.RootElement.GetProperty("interval").GetDouble(), Is.EqualTo(1));
        Assert.That(ticket.RootElement.GetProperty("expireAfter").GetInt32(), Is.EqualTo(9));
        Assert.That(ticket.RootElement.GetProperty("token").GetString(), Does.Match("^[A-Za-z0-9_-]{32}$"));
        Assert.That(response.Headers.CacheControl!.NoStore, Is.True);
    }

    [Test]
    public async Task Login_ThatIsRefused_LeavesNothing()
    {
        using HttpResponseMessage response = await _host.Client.PostAsync("/heartbeats", null);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((_host.Tracker.OnlineCount, _host.Tokens.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Device_ThatIsSilent_ExpiresAndIsToLogInAgain()
    {
        string token = await _host.LogInAsync("sensor 7");

        _host.Ticks.Advance(9);
        int online = _host.Tracker.OnlineCount;
        _host.Ticks.Advance();

        Assert.That(online, Is.EqualTo(1));
        Assert.That(await _host.BeatAsync(token), Is.EqualTo(HttpStatusCode.NotFound));
        await Wait.UntilAsync(() => _host.Ends.SequenceEqual([PresenceChanges.Expired]), "an expiry");
        Assert.That(await _host.BeatAsync(await _host.LogInAsync("sensor 7")), Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task Device_ThatLogsInAgain_HasOnlyItsNewToken()
    {
        string old = await _host.LogInAsync("sensor 7");
        string token = await _host.LogInAsync("sensor 7");

        Assert.That(token, Is.Not.EqualTo(old));
        Assert.That((await _host.BeatAsync(old), await _host.LeaveAsync(old), await _host.BeatAsync(token)),
            Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NoContent)));
        await Wait.UntilAsync(() => _host.Tokens.Count == 1, "one token");
    }

    [Test]
    public async Task Token_WithASessionAndAnotherSecret_IsNobodys()
    {
        string token = await _host.LogInAsync("sensor 7");
        _host.Ticks.Advance(3);

        for (int place = 11; place < token.Length; place++) // the first 64 bits are the session's
        {
            string forged = token[..place] + (token[place] == 'A' ? 'B' : 'A') + token[(place + 1)..];
            Assert.That((await _host.BeatAsync(forged), await _host.LeaveAsync(forged)), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)), forged);
        }

        Assert.That(_host.Tracker.Snapshot().Single().Count, Is.EqualTo(3));
    }

    [TestCase("")]
    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Bearer AAAA")]
    [TestCase("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [TestCase("Bearer AAAAAAAAAAAAAAAA AAAAAAAAAAAAAAA")]
    [TestCase("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+/")]
    [TestCase("Basic  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Token_ThatIsNone_IsUnauthorized(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/heartbeats/beat");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        using HttpResponseMessage response = await _host.Client.SendAsync(request);

        Assert.That((response.StatusCode, response.Headers.WwwAuthenticate.ToString()), Is.EqualTo((HttpStatusCode.Unauthorized, "Bearer")));
    }

    [Test]
    public async Task Beats_OverTheRate_AreTooManyUntilTheTickIsOver()
    {
        string token = await _host.LogInAsync("sensor 7");
        string other = await _host.LogInAsync("sensor 8");
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 6; i++)
        {
            statuses.Add(await _host.BeatAsync(token));
        }

        _host.Clock.Advance(TimeSpan.FromMilliseconds(999));
        statuses.Add(await _host.BeatAsync(token));
        HttpStatusCode ofOther = await _host.BeatAsync(other);
        _host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        statuses.Add(await _host.BeatAsync(token));

        const HttpStatusCode Good = HttpStatusCode.NoContent, TooMany = HttpStatusCode.TooManyRequests;
        Assert.That(statuses, Is.EqualTo(new[] { Good, Good, Good, Good, Good, TooMany, TooMany, Good }));
        Assert.That(ofOther, Is.EqualTo(Good));
    }

    [Test]
    public async Task OpenApi_OfTheHost_DescribesTheRequestsAndTheirAnswers()
    {
        using JsonDocument document = JsonDocument.Parse(await _host.Client.GetStringAsync("/openapi/v1.json"));
        JsonElement paths = document.RootElement.GetProperty("paths");

        Assert.That(Answers("/heartbeats", "post"), Is.EqualTo(new[] { "200", "403" }));
        Assert.That(Answers("/heartbeats", "delete"), Is.EqualTo(new[] { "204", "401", "404" }));
        Assert.That(Answers("/heartbeats/beat", "post"), Is.EqualTo(new[] { "204", "401", "404", "429" }));
        Assert.That(
            document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("HeartbeatTicket").GetProperty("properties").EnumerateObject().Select(property => property.Name),
            Is.EqualTo(new[] { "token", "interval", "expireAfter" }));

        string[] Answers(string path, string method) =>
            [.. paths.GetProperty(path).GetProperty(method).GetProperty("responses").EnumerateObject().Select(answer => answer.Name).Order()];
    }
}
