using System.Net;

namespace ChatServer.Tests;

/// <summary>What a connection may not do to the server.</summary>
public sealed class ConnectionLimitTests
{
    [Test]
    public async Task Connection_WithoutLogin_IsToldAndClosed()
    {
        await using TestServer server = await TestServer.StartAsync("--login-timeout", "00:00:00.3");
        using TestClient user = await server.LogInAsync("user");
        using TestClient silent = await server.ConnectAsync();
        Assert.That(await silent.ReadErrorAsync(), Is.EqualTo("login-timeout"));
        await silent.ReadToEndAsync();
        Assert.That(await user.WhoAsync(), Is.EqualTo(["user"])); // which has been there for longer than that
    }

    [Test]
    public async Task Connections_WithoutLoginThatCameAtOnce_AreClosedFewAtATime()
    {
        await using TestServer server = await TestServer.StartAsync("--login-timeout", "00:00:00.3");
        TestClient[] silent = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => server.ConnectAsync()));
        long[] told = await Task.WhenAll(silent.Select(async client =>
        {
            using (client)
            {
                Assert.That(await client.ReadErrorAsync(), Is.EqualTo("login-timeout"));
                return TimeProvider.System.GetTimestamp();
            }
        }));
        Assert.That(TimeProvider.System.GetElapsedTime(told.Min(), told.Max()), Is.GreaterThan(TimeSpan.FromSeconds(0.5))); // at 50 a second
    }

    [Test]
    public async Task Connection_OverTheMost_IsClosedAndOneThatEndsMakesRoom()
    {
        await using TestServer server = await TestServer.StartAsync("--set", "Chat:MaxConnections=1");
        using (TestClient first = await server.LogInAsync("first"))
        {
            using TestClient second = await server.ConnectAsync();
            await second.ReadToEndAsync();
            Assert.That(await first.WhoAsync(), Is.EqualTo(["first"]));
        }

        await Wait.UntilAsync(() => server.Connections == 0);
        await AssertThereIsRoomAsync(server);
    }

    [Test]
    public async Task Connections_OfOneAddress_LeaveRoomForOthers()
    {
        await using TestServer server = await TestServer.StartAsync("--set", "Chat:MaxConnectionsPerAddress=2");
        using TestClient first = await server.ConnectAsync();
        using TestClient second = await server.ConnectAsync();
        using TestClient third = await server.ConnectAsync();
        await third.ReadToEndAsync();
        using TestClient other = await TestClient.ConnectAsync(server.TcpPort, IPAddress.IPv6Loopback);
        await other.LogInAsync("other");

        second.Dispose();
        await Wait.UntilAsync(() => server.Connections == 2);
        await AssertThereIsRoomAsync(server);
    }

    [TestCase("192.0.2.7", "192.0.2.7")]
    [TestCase("::ffff:192.0.2.7", "192.0.2.7")]
    [TestCase("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void Address_OfAConnection_CountsAsOneHousehold(string address, string counted) =>
        Assert.That(Admission.AddressOf(new IPEndPoint(IPAddress.Parse(address), 7)), Is.EqualTo(IPAddress.Parse(counted)));

    [Test]
    public async Task Connection_ThatLogsOutWithoutReading_DoesNotStay()
    {
        await using TestServer server = await TestServer.StartAsync("--set", $"Chat:MaxUnsentBytes={64 * 1024 * 1024}");
        using TestClient speaker = await server.LogInAsync("speaker");
        using TestClient deaf = await TestClient.ConnectAsync(server.TcpPort, receiveBuffer: 4096);
        await deaf.LogInAsync("deaf");
        await speaker.ReadAsync("joined");
        for (int i = 0; i < 4000; i++) // 16 MB, more than the kernel takes off the server's hands
        {
            await deaf.SendAsync(new { type = "say", text = new string('x', 4000) });
            await speaker.ReadAsync("say");
        }

        await deaf.SendAsync(new { type = "logout" });
        Assert.That(await speaker.ReadLeftAsync(), Is.EqualTo("deaf left"));
        await Wait.UntilAsync(deaf.IsReset);
    }

    /// <summary>Kestrel counts a connection for a little longer than its handler does.</summary>
    private static async Task AssertThereIsRoomAsync(TestServer server)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        while (true)
        {
            using TestClient client = await server.ConnectAsync();
            try
            {
                await client.LogInAsync("next");
                return;
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException && !limit.IsCancellationRequested)
            {
                // refused so far
            }
        }
    }
}
