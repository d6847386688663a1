using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ChatServer.Tests;

/// <summary>Heartbeats of a server that was started with <c>--plain-heartbeats</c>.</summary>
public sealed class PlainHeartbeatTests
{
    private const int Limit = 5;

    private TestServer _server = null!;
    private TestClient _client = null!;

    [SetUp]
    public async Task StartServer()
    {
        _server = await TestServer.StartAsync("--expire-after", $"{Limit}", "--plain-heartbeats");
        _client = await _server.LogInAsync("client");
        _server.Ticks.Advance(Limit - 1);
    }

    [TearDown]
    public async Task StopServer()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Heartbeat_Plain_KeepsAlive()
    {
        Assert.That(_client.Key, Is.Null);
        _server.Ticks.Advance();
        await _server.BeatAsync(_client);
    }

    [Test]
    public void Start_Warns() => Assert.That(
        _server.Logs.GetSnapshot().Where(record => record.Level == LogLevel.Warning).Select(record => record.Message),
        Has.Some.Contains("are plain: whoever sees or guesses a session id can keep that session alive"));

    [Test]
    public async Task Heartbeat_OfAnotherSessionOrOfNone_KeepsNobodyAlive()
    {
        using TestClient observer = await _server.LogInAsync("observer");
        _server.Ticks.Advance();
        object[] wrong =
        [
            new { type = "heartbeat", user = "client" },
            new { type = "heartbeat", user = "client", session = "" },
            new { type = "heartbeat", user = "client", session = observer.Session },
            new { type = "heartbeat", user = "observer", session = _client.Session },
            new { type = "heartbeat", user = "client", session = "0000000000000000" },
            new { type = "heartbeat", session = _client.Session },
            new { type = "login", user = "client", session = _client.Session },
        ];
        foreach (object datagram in wrong)
        {
            await observer.SendDatagramAsync(JsonSerializer.SerializeToUtf8Bytes(datagram));
        }

        await _server.BeatAsync(observer); // comes after them on the same socket
        Assert.That(_server.CountOf("client"), Is.EqualTo(Limit));
    }

    [Test]
    public async Task Heartbeat_Garbage_DoesNotStopTheListener()
    {
        byte[][] garbage = [[], [0], [0xFF, 0xFE], new byte[60_000], "{"u8.ToArray(), "[]"u8.ToArray(), "null"u8.ToArray(), """{"type":"heartbeat","user":"\ud800"}"""u8.ToArray(), """{"type":"heartbeat","user":"\ufffe"}"""u8.ToArray()];
        foreach (byte[] datagram in garbage)
        {
            await _client.SendDatagramAsync(datagram);
        }

        await _server.BeatAsync(_client);
        Assert.That(_server.Logs.GetSnapshot().Where(record => record.Exception is not null || record.Message.Contains("failed", StringComparison.Ordinal)), Is.Empty);
    }
}
