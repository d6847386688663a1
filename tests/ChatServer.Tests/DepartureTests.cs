using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Presence;

namespace ChatServer.Tests;

/// <summary>The ways to be gone. Each ends in one teardown of connection, room and name.</summary>
public sealed class DepartureTests
{
    private const int Limit = 5;

    private TestServer _server = null!;

    [SetUp]
    public async Task StartServer() => _server = await TestServer.StartAsync("--expire-after", $"{Limit}", "--set", "Chat:MaxUnsentBytes=65536");

    [TearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Logout_Said_EndsTheSessionAsLeft() =>
        await AssertDepartureAsync(client => client.SendAsync(new { type = "logout" }), "left", closesConnection: true);

    [Test]
    public async Task Fin_WithoutALogout_EndsTheSessionThreeTicksLater() => await AssertDepartureAsync(client =>
    {
        client.Dispose();
        return Task.CompletedTask;
    }, "disconnected", ticks: 3);

    [Test]
    public async Task Reset_Received_EndsTheSessionThreeTicksLater() => await AssertDepartureAsync(client =>
    {
        client.Reset();
        return Task.CompletedTask;
    }, "disconnected", ticks: 3);

    [Test]
    public async Task Heartbeats_Stop_ExpiresAtTheTickAfterTheLimitAndClosesTcp()
    {
        using TestClient observer = await _server.LogInAsync("observer");
        using TestClient client = await _server.LogInAsync("client");
        await observer.ReadAsync("joined");
        _server.Ticks.Advance(Limit);
        await BeatAsync(observer);
        Assert.That(await observer.WhoAsync(), Is.EqualTo(["client", "observer"]));

        _server.Ticks.Advance();
        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("client expired"));
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo("expired"));
        await client.ReadToEndAsync();
        await AssertGoneAsync(observer);
    }

    /// <summary>A server that took its own sends for a sign of life would keep it for as long as others talk.</summary>
    [Test]
    public async Task Client_ThatIsSentToAndNeverAnswers_ExpiresAtItsTime()
    {
        using TestClient silent = await _server.LogInAsync("silent");
        using TestClient speaker = await _server.LogInAsync("speaker");
        await silent.ReadAsync("joined");
        for (int tick = 0; tick < Limit; tick++)
        {
            _server.Ticks.Advance();
            await BeatAsync(speaker);
            for (int i = 0; i < 100; i++)
            {
                await speaker.SendAsync(new { type = "say", text = $"{tick}-{i}" });
                await speaker.ReadAsync("say");
                Assert.That((await silent.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo($"{tick}-{i}")); // so the send has succeeded
            }
        }

        Assert.That(_server.CountOf("silent"), Is.EqualTo(Limit));
        _server.Ticks.Advance();
        Assert.That(await speaker.ReadLeftAsync(), Is.EqualTo("silent expired"));
        Assert.That(await silent.ReadErrorAsync(), Is.EqualTo("expired"));
        silent.Dispose();
        await AssertGoneAsync(speaker);
    }

    [TestCase]
    [TestCase("--dev-cert")]
    public async Task Client_ToldOfItsExpiry_IsResetUnlessItCloses(params string[] flags)
    {
        await using TestServer server = await TestServer.StartAsync(["--expire-after", $"{Limit}", .. flags]);
        using TestClient stays = await server.LogInAsync("stays");
        using TestClient closes = await server.LogInAsync("closes");
        await stays.ReadAsync("joined");
        server.Ticks.Advance(Limit + 1);
        await closes.ReadUntilErrorAsync("expired");
        await stays.ReadUntilErrorAsync("expired");
        closes.Dispose();
        await Wait.UntilAsync(() => server.Connections == 1);
        Assert.That(() => stays.ReadAsync(), Throws.InstanceOf<IOException>().With.InnerException.With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionReset));
        await Wait.UntilAsync(() => server.Connections == 0);
    }

    [Test]
    public async Task LogIn_RightAfterExpiry_IsNeverTornDownByTheOldEnd()
    {
        using TestClient observer = await _server.LogInAsync("observer");
        for (int round = 0; round < 50; round++)
        {
            using TestClient old = await _server.LogInAsync("client");
            await observer.ReadAsync("joined");
            await BeatAsync(observer);
            _server.Ticks.Advance(Limit);
            await BeatAsync(observer);
            _server.Ticks.Advance();

            using TestClient client = await _server.LogInAsync("client"); // while the old session is being torn down
            Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("client expired"));
            await observer.ReadAsync("joined");
            Assert.That(await old.ReadErrorAsync(), Is.EqualTo("expired"));
            await _server.Tracker.WhenCallbacksDoneAsync();
            Assert.That(await client.WhoAsync(), Is.EqualTo(["client", "observer"]));

            await client.SendAsync(new { type = "logout" });
            Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("client left"));
        }

        await AssertGoneAsync(observer);
    }

    [Test]
    public async Task Reader_ThatDoesNotRead_IsCutOffAndOthersAreServed()
    {
        const int Most = 20_000; // 80 MB, far beyond what kernels hold for a socket
        using TestClient slow = await TestClient.ConnectAsync(_server.TcpPort, receiveBuffer: 8192);
        await slow.LogInAsync("slow");
        using TestClient speaker = await _server.LogInAsync("speaker");
        string text = new('x', 4000);
        string? heard = null;
        for (int said = 0; heard is null && said < Most; said++)
        {
            await speaker.SendAsync(new { type = "say", text });
            JsonElement message = await speaker.ReadAsync();
            heard = message.GetProperty("type").GetString() == "left" ? message.GetProperty("reason").GetString() : null;
        }

        Assert.That(heard, Is.EqualTo("too-slow"), "The one who does not read was not cut off, or for another reason.");
        await speaker.ReadAsync("say"); // what was said last is heard all the same
        await AssertGoneAsync(speaker);
        Assert.That(_server.Logs.GetSnapshot().Where(record => record.Level >= LogLevel.Error), Is.Empty);
    }

    [TestCase]
    [TestCase("--dev-cert")]
    public async Task Stop_WithClientsOnline_ClosesThemAllAndTellsNobodyWhoLeft(params string[] flags)
    {
        await using TestServer server = await TestServer.StartAsync(flags);
        using TestClient client = await server.LogInAsync("client");
        using TestClient other = await server.LogInAsync("other");
        using TestClient silent = await server.ConnectAsync();
        await client.ReadAsync("joined");
        var ends = new ConcurrentQueue<PresenceChanges>();
        server.Tracker.OnChange(PresenceChanges.Ended, change =>
        {
            ends.Enqueue(change.Kind);
            return default;
        });

        await server.DisposeAsync();
        Assert.That(ends, Is.EqualTo([PresenceChanges.Shutdown, PresenceChanges.Shutdown]));
        foreach (TestClient each in new[] { client, other, silent })
        {
            Assert.That(() => each.ReadAsync(), Throws.TypeOf<EndOfStreamException>());
        }

        Assert.That(server.Logs.GetSnapshot().Where(record => record.Level >= LogLevel.Error), Is.Empty);
    }

    private async Task AssertDepartureAsync(Func<TestClient, Task> departure, string reason, bool closesConnection = false, int ticks = 0)
    {
        using TestClient observer = await _server.LogInAsync("observer");
        using TestClient client = await _server.LogInAsync("client");
        await observer.ReadAsync("joined");
        await departure(client);
        if (ticks > 0)
        {
            await Wait.UntilAsync(() => _server.Connections == 1);
            _server.Ticks.Advance(ticks - 1);
            await BeatAsync(observer);
            Assert.That(await observer.WhoAsync(), Is.EqualTo(["client", "observer"]));
            _server.Ticks.Advance();
        }

        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo($"client {reason}"));
        if (closesConnection)
        {
            await client.ReadToEndAsync();
        }

        await AssertGoneAsync(observer);
    }

    private async Task AssertGoneAsync(TestClient observer)
    {
        await Wait.UntilAsync(() => _server.Connections == 1);
        await _server.Tracker.WhenCallbacksDoneAsync();
        Assert.That(await observer.WhoAsync(), Is.EqualTo([observer.User])); // and this is the next that is heard: it was told once
        Assert.That(_server.Tracker.OnlineCount, Is.EqualTo(1));
        using TestClient again = await _server.LogInAsync("client");
        await observer.ReadAsync("joined");
    }

    private Task BeatAsync(TestClient client) => _server.BeatAsync(client);
}
