using System.Text.Json;

namespace ChatServer.Tests;

/// <summary>Users who send more than anyone could read, and many users at once.</summary>
public sealed class FloodTests
{
    private static readonly string[] Usual = ["--set", "Chat:MaxLinesPerSecond=20", "--set", "Chat:MaxHeardBytesPerSecond=100000"];

    [Test]
    public async Task Lines_TooMany_AreToldToSlowDownAndThenClosed()
    {
        await using TestServer server = await TestServer.StartAsync(Usual);
        using TestClient observer = await server.LogInAsync("observer");
        using TestClient hasty = await server.LogInAsync("hasty");
        await observer.ReadAsync("joined");
        await hasty.SendLineAsync(string.Join('\n', Enumerable.Repeat("""{"type":"tell","to":"nobody","text":"x"}""", 300)));
        string code;
        do
        {
            code = await hasty.ReadErrorAsync();
        }
        while (code == "not-online");
        Assert.That(code, Is.EqualTo("slow-down"));
        await hasty.ReadToEndAsync();
        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("hasty too-fast"));
    }

    [Test]
    public async Task Lines_TooManyAndThenAPause_AreServedAgain()
    {
        await using TestServer server = await TestServer.StartAsync(Usual);
        using TestClient client = await server.LogInAsync("client");
        await client.SendLineAsync(string.Join('\n', Enumerable.Repeat("""{"type":"who"}""", 120)));
        int slowed = 0;
        for (int i = 0; i < 120; i++)
        {
            slowed += (await client.ReadAsync()).GetProperty("type").GetString() == "error" ? 1 : 0;
        }

        Assert.That(slowed, Is.InRange(1, 21));
        string type;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System); // the real clock refills the bucket
            await client.SendAsync(new { type = "who" });
            type = (await client.ReadAsync()).GetProperty("type").GetString()!;
        }
        while (type == "error");
    }

    [Test]
    public async Task Speaker_AtFullRate_ThrowsOutNobodyWhoReadsSlower()
    {
        await using TestServer server = await TestServer.StartAsync([.. Usual, "--set", "Chat:MaxUnsentBytes=262144"]); // for some seconds in which a busy machine does not let the readers read
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        TestClient[] slow = [.. Enumerable.Range(0, 10).Select(_ => TestClient.ConnectAsync(server.TcpPort, receiveBuffer: 4096).Result)];
        Task<string?>[] reading = [.. slow.Select((client, i) => ReadSlowlyAsync(client, $"slow{i}", end.Token))];
        await Wait.UntilAsync(() => server.Tracker.OnlineCount == slow.Length);
        int shouting = 0;
        while (!end.IsCancellationRequested) // as fast as it can, as often as it is thrown out
        {
            using TestClient loud = await server.ConnectAsync();
            await ShoutAsync(loud, $"loud{shouting++}", end.Token);
        }

        Assert.That(await Task.WhenAll(reading), Has.All.Null, "One was thrown out.");
        Assert.That(server.Tracker.OnlineCount, Is.GreaterThanOrEqualTo(slow.Length));
        Array.ForEach(slow, client => client.Dispose());
    }

    [Test]
    public async Task Users_ManyAtOnceWithLongNames_AreAllWelcomed()
    {
        const int Users = 400;
        await using TestServer server = await TestServer.StartAsync("--set", "Chat:MaxUnsentBytes=32768", "--set", $"Chat:MaxConnectionsPerAddress={Users + 1}");
        var users = new List<TestClient>();
        for (int i = 0; i < Users; i++)
        {
            TestClient client = await TestClient.ConnectAsync(server.TcpPort);
            users.Add(client);
            JsonElement welcome = await client.LogInAsync($"{string.Concat(Enumerable.Repeat("𠮷", 29))}{i:000}");
            Assert.That(welcome.GetProperty("count").GetInt32(), Is.EqualTo(i + 1));
        }

        using TestClient last = await server.LogInAsync("last");
        var seen = new List<string?>();
        string? after = "";
        while (after is not null)
        {
            await last.SendAsync(new { type = "who", after });
            JsonElement page = await last.ReadAsync("who");
            seen.AddRange(page.GetProperty("online").EnumerateArray().Select(name => name.GetString()));
            after = page.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }

        Assert.That(seen, Is.EqualTo(users.Select(user => user.User).Append("last").Order(StringComparer.Ordinal)));
        users.ForEach(user => user.Dispose());
    }

    [Test]
    public async Task Logins_ManyAtOnce_AreLoggedAtARateWithTheNumberLeftOut()
    {
        await using TestServer server = await TestServer.StartAsync("--set", "Logging:LogLevel:Default=Information", "--set", "Logging:Console:LogLevel:Default=None");
        long started = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 500; i++)
        {
            using TestClient client = await server.LogInAsync($"user{i}");
            await client.SendAsync(new { type = "logout" });
            await client.ReadToEndAsync();
        }

        double most = LogRate.LinesAtOnce + (LogRate.LinesPerSecond * TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        string[] logged = [.. server.Logs.GetSnapshot().Select(record => record.Message)];
        Assert.That(logged.Count(line => line.Contains(" joined.", StringComparison.Ordinal) || line.Contains(" left: ", StringComparison.Ordinal)), Is.InRange(LogRate.LinesAtOnce, most + 1));
        Assert.That(logged, Has.Some.Contains("were left out of this log"));
    }

    /// <summary>Reads 200 kB a second.</summary>
    /// <returns>What ended it, if it was not the test.</returns>
    private static async Task<string?> ReadSlowlyAsync(TestClient client, string user, CancellationToken end)
    {
        await client.LogInAsync(user);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                if (await client.ReadBytesAsync(4000, end) == 0)
                {
                    return $"{user}: the end";
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (IOException exception)
        {
            return $"{user}: {exception.Message}";
        }

        return null;
    }

    private static async Task ShoutAsync(TestClient client, string user, CancellationToken end)
    {
        try
        {
            await client.LogInAsync(user);
            Task reading = client.ReadToEndAsync();
            string text = new('x', 4000);
            while (!end.IsCancellationRequested && !reading.IsCompleted)
            {
                await client.SendAsync(new { type = "say", text });
            }
        }
        catch (IOException)
        {
            // thrown out
        }
    }
}
