using System.Text.Json;

namespace ChatServer.Tests;

public sealed class StatusPageTests
{
    [Test]
    public async Task Page_Asked_IsOneFileWithoutExternalAssets()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var browser = new HttpClient { BaseAddress = server.Page };
        string page = await browser.GetStringAsync("/");
        Assert.That(page, Does.Contain("EventSource(\"events\")"));
        Assert.That(page, Does.Not.Contain("://").And.Not.Contain("innerHTML").And.Not.Contain("src="));
    }

    [TestCase("/")]
    [TestCase("/events")]
    public async Task Page_Asked_MayBeFramedByNobody(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var browser = new HttpClient { BaseAddress = server.Page };
        using HttpResponseMessage response = await browser.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src 'none'").And.Contain("frame-ancestors 'none'"));
    }

    [Test]
    public async Task Events_WatchedWhileThingsHappen_ShowCountsAndWhoLeft()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestClient client = await server.LogInAsync("张三");
        using var browser = new HttpClient { BaseAddress = server.Page };
        using var events = new StreamReader(await browser.GetStreamAsync("/events"));
        await WaitForAsync(events, status => status.GetProperty("connections").GetInt32() == 1 && CountOf(status, "张三") == 0);

        server.Ticks.Advance(3);
        await WaitForAsync(events, status => CountOf(status, "张三") == 3);
        server.Ticks.Advance(3);
        await WaitForAsync(events, status => CountOf(status, "张三") is null && status.GetProperty("connections").GetInt32() == 0
            && status.GetProperty("events")[0].GetProperty("what").GetString() == "expired");
    }

    [TestCase(2, false)]
    [TestCase(3, true)]
    public async Task Events_AfterMissedHeartbeats_MarkTheSuspect(int missed, bool isSuspect)
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestClient client = await server.LogInAsync("client");
        server.Ticks.Advance(missed);
        using var browser = new HttpClient { BaseAddress = server.Page };
        using var events = new StreamReader(await browser.GetStreamAsync("/events"));
        await WaitForAsync(events, status => CountOf(status, "client") == missed && IsSuspect(status) == isSuspect && LastEvent(status) == (isSuspect ? "suspected" : "joined"));
    }

    [Test]
    public async Task Events_AfterASuspectsHeartbeat_ShowThatItRecovered()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestClient client = await server.LogInAsync("client");
        using var browser = new HttpClient { BaseAddress = server.Page };
        using var events = new StreamReader(await browser.GetStreamAsync("/events"));
        server.Ticks.Advance(3);
        await WaitForAsync(events, status => IsSuspect(status) && LastEvent(status) == "suspected");
        await server.BeatAsync(client);
        server.Ticks.Advance();
        await WaitForAsync(events, status => !IsSuspect(status) && LastEvent(status) == "recovered");
    }

    [Test]
    public async Task Page_AskedUnderAForeignHostName_IsRefused()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var browser = new HttpClient { BaseAddress = server.Page, DefaultRequestHeaders = { Host = "evil.example" } };
        using HttpResponseMessage response = await browser.GetAsync(new Uri("/events", UriKind.Relative));
        Assert.That((int)response.StatusCode, Is.EqualTo(400));
    }

    private static bool IsSuspect(JsonElement status) => status.GetProperty("online")[0].GetProperty("isSuspect").GetBoolean();

    private static string? LastEvent(JsonElement status) => status.GetProperty("events")[0].GetProperty("what").GetString();

    private static int? CountOf(JsonElement status, string user)
    {
        JsonElement found = status.GetProperty("online").EnumerateArray().FirstOrDefault(online => online.GetProperty("user").GetString() == user);
        return found.ValueKind == JsonValueKind.Undefined ? null : found.GetProperty("count").GetInt32();
    }

    private static async Task WaitForAsync(StreamReader events, Func<JsonElement, bool> condition)
    {
        string? line;
        do
        {
            line = await events.ReadLineAsync().WaitAsync(Wait.Limit);
        }
        while (line is not null && !(line.StartsWith("data: ", StringComparison.Ordinal) && condition(JsonElement.Parse(line[6..]))));
        Assert.That(line, Is.Not.Null);
    }
}
