namespace ChatServer.Tests;

/// <summary>Signed heartbeats, as the server wants them unless it is told otherwise.</summary>
public sealed class HeartbeatTests
{
    private const int Limit = 5;

    private static readonly string[] LogEverything =
        ["--set", "Logging:LogLevel:Default=Trace", "--set", "Logging:LogLevel:Microsoft=Trace", "--set", "Logging:Console:LogLevel:Default=None", "--set", "Logging:Console:LogLevel:Microsoft=None"];

    private TestServer _server = null!;
    private TestClient _client = null!;
    private TestClient _observer = null!;

    [SetUp]
    public async Task StartServer()
    {
        _server = await TestServer.StartAsync(["--expire-after", $"{Limit}", .. LogEverything]);
        _client = await _server.LogInAsync("client");
        _observer = await _server.LogInAsync("observer");
    }

    [TearDown]
    public async Task StopServer()
    {
        _client.Dispose();
        _observer.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Heartbeat_Signed_KeepsAlive()
    {
        for (int round = 0; round < 3; round++)
        {
            _server.Ticks.Advance(Limit);
            await _server.BeatAsync(_client);
            await _server.BeatAsync(_observer);
        }
    }

    [Test]
    public async Task Heartbeat_NotOfTheSessionsKey_KeepsNobodyAlive()
    {
        _server.Ticks.Advance();
        await _server.BeatAsync(_client);
        await _server.BeatAsync(_observer);
        _server.Ticks.Advance(Limit);
        byte[] genuine = _client.SignedHeartbeat(_client.Key!, 2);
        byte[][] wrong =
        [
            _client.PlainHeartbeat(),
            _client.SignedHeartbeat(new byte[32], 2),
            _client.SignedHeartbeat(_observer.Key!, 2),
            [.. genuine[..24], .. new byte[16]],
            genuine[..24],
            [.. genuine, 0],
            _client.SignedHeartbeat(_client.Key!, 1), // a replay
        ];
        foreach (byte[] datagram in wrong)
        {
            await _observer.SendDatagramAsync(datagram);
        }

        await _server.BeatAsync(_observer); // comes after them on the same socket
        Assert.That(_server.CountOf("client"), Is.EqualTo(Limit));
        await _observer.SendDatagramAsync(genuine); // what all were made from
        await Wait.UntilAsync(() => _server.CountOf("client") == 0);
    }

    [Test]
    public async Task Heartbeat_Garbage_DoesNotStopTheListener()
    {
        _server.Ticks.Advance(Limit);
        byte[][] garbage = [[], [0], new byte[40], new byte[60_000], "{}"u8.ToArray()];
        foreach (byte[] datagram in garbage)
        {
            await _client.SendDatagramAsync(datagram);
        }

        await _server.BeatAsync(_client);
    }

    [Test]
    public async Task Key_OfASessionThatHasEnded_KeepsNobodyAlive()
    {
        using TestClient again = await LogInAgainAsync();
        Assert.That(again.Key, Is.Not.EqualTo(_client.Key));

        _server.Ticks.Advance(Limit);
        await _observer.SendDatagramAsync(_client.SignedHeartbeat(_client.Key!, 1)); // for the old session
        await _observer.SendDatagramAsync(again.SignedHeartbeat(_client.Key!, 1)); // for the new one
        await _server.BeatAsync(_observer); // comes after them on the same socket
        Assert.That(_server.CountOf("client"), Is.EqualTo(Limit));
    }

    [Test]
    public async Task Heartbeat_WithTheKeyOfTheNextLogin_KeepsAlive()
    {
        using TestClient again = await LogInAgainAsync();
        _server.Ticks.Advance(Limit);
        await _server.BeatAsync(again);
    }

    [Test]
    public async Task Key_WhateverHappens_IsNeverLogged()
    {
        await _server.BeatAsync(_client);
        await _client.SendDatagramAsync(_client.SignedHeartbeat(new byte[32], 9));
        await Wait.UntilAsync(() => Logged().Any(line => line.Contains("without its key", StringComparison.Ordinal)));
        await _client.SendLineAsync("no json");
        await _client.ReadAsync("joined");
        await _client.ReadErrorAsync();
        _server.Ticks.Advance(Limit + 1);
        await _client.ReadToEndAsync();

        await _server.DisposeAsync();
        string log = string.Join("\n", Logged());
        Assert.That(log, Does.Contain("client joined.").And.Contain("client left: expired."));
        string[] secrets = [Convert.ToBase64String(_client.Key!), Convert.ToHexString(_client.Key!), _client.Session];
        Assert.That(secrets, Has.None.Matches<string>(secret => log.Contains(secret!, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>All that was logged, at any level: the text, what is structured in it, and the errors.</summary>
    private List<string> Logged() =>
        [.. _server.Logs.GetSnapshot().Select(record => $"{record.Message} {string.Join(" ", record.StructuredState ?? [])} {record.Exception}")];

    private async Task<TestClient> LogInAgainAsync()
    {
        await _client.SendAsync(new { type = "logout" });
        await _client.ReadToEndAsync();
        await _server.Tracker.WhenCallbacksDoneAsync();
        return await _server.LogInAsync("client");
    }
}
