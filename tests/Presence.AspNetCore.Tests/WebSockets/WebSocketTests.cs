using System.Net;
using System.Net.WebSockets;

namespace Presence.AspNetCore.Tests.WebSockets;

[TestFixture]
public sealed class WebSocketTests
{
    [Test]
    public async Task Client_ThatAnswers_StaysOnline()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        await host.OnlineAsync(1);

        for (int i = 0; i < 10; i++)
        {
            await host.TickAsync(2);
            string question = await client.ReadTextAsync();
            await client.SendTextAsync(WebSocketPresenceOptions.Answer);

            Assert.That(question, Is.EqualTo(WebSocketPresenceOptions.Probe));
            await Wait.UntilAsync(() => host.Tracker.Snapshot().Single().Count == 0, "the answer");
        }

        Assert.That(host.Tracker.Groups.Count("all"), Is.EqualTo(1));
    }

    [Test]
    public async Task Client_ThatDoesNotAnswer_IsAskedOnceAndClosedAfterItsLimit()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        await host.OnlineAsync(1);

        await host.TickAsync(5);
        int online = host.Tracker.OnlineCount;
        await host.TickAsync();

        Assert.That(online, Is.EqualTo(1));
        Assert.That(await client.ReadTextAsync(), Is.EqualTo(WebSocketPresenceOptions.Probe));
        Assert.That(await client.ReadTextAsync(), Does.StartWith("4001 expired"));
        await host.EndedAsync(PresenceChanges.Expired);
    }

    [Test]
    public async Task Messages_OfAClient_AreTheHostsAndSignsOfLife()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        string large = new('x', 10_000);

        for (int i = 0; i < 10; i++)
        {
            await host.TickAsync();
            await client.SendAsync(new byte[3], WebSocketMessageType.Binary, endOfMessage: false, default);
            await client.SendAsync(new byte[2], WebSocketMessageType.Binary, endOfMessage: true, default);
            Assert.That(await client.ReadTextAsync(), Is.EqualTo("\0\0\0\0\0"));
            await client.SendTextAsync(large);
            Assert.That(await client.ReadTextAsync(), Is.EqualTo(large));
            await client.SendTextAsync("");
            Assert.That(await client.ReadTextAsync(), Is.Empty);
        }

        Assert.That(host.Tracker.OnlineCount, Is.EqualTo(1));
    }

    [TestCase(1000, true)]
    [TestCase(1000, false)]
    [TestCase(1001, true)]
    public async Task Close_ByTheClient_EndsTheSessionAtOnceOrIsANotice(int status, bool isOneWay)
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        await host.OnlineAsync(1);

        await (isOneWay ? client.CloseOutputAsync((WebSocketCloseStatus)status, null, default) : client.CloseAsync((WebSocketCloseStatus)status, null, default));

        await Wait.UntilAsync(() => host.Prober.Count == 0, "the end of the connection");
        if (status == 1001)
        {
            await host.TickAsync(2);
            Assert.That(host.Tracker.OnlineCount, Is.EqualTo(1));
            await host.TickAsync();
        }

        await host.EndedAsync(status == 1001 ? PresenceChanges.Expired : PresenceChanges.Left);
    }

    [Test]
    public async Task Connection_ThatBreaks_IsOnNotice()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        await host.OnlineAsync(1);

        client.Abort();
        await Wait.UntilAsync(() => host.Prober.Count == 0, "the end of the connection");
        await host.TickAsync(2);
        Assert.That(host.Tracker.OnlineCount, Is.EqualTo(1));
        await host.TickAsync();

        await host.EndedAsync(PresenceChanges.Expired);
    }

    [Test]
    public async Task Client_ThatConnectsAgain_ReplacesItsOldConnection()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket old = await host.ConnectAsync("zhangsan");
        await host.OnlineAsync(1);

        using ClientWebSocket client = await host.ConnectAsync("zhangsan");

        Assert.That(await old.ReadTextAsync(), Does.StartWith("4002 replaced"));
        await client.SendTextAsync("here");
        Assert.That(await client.ReadTextAsync(), Is.EqualTo("here"));
        Assert.That(host.Ends, Is.EqualTo(new[] { PresenceChanges.Replaced }));
    }

    [Test]
    public async Task Message_ThatIsTooLarge_ClosesTheConnection()
    {
        await using SocketHost host = await SocketHost.StartAsync(options => options.MaxMessageSize = 2_000);
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");

        await client.SendTextAsync(new string('x', 2_000));
        string atTheBound = await client.ReadTextAsync();
        await client.SendTextAsync(new string('x', 200_000));

        Assert.That(atTheBound, Has.Length.EqualTo(2_000));
        Assert.That(await client.ReadTextAsync(), Is.EqualTo("1009 a message may have 2000 bytes"));
    }

    [Test]
    public async Task Handler_ThatThrows_ClosesItsConnectionOnly()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        using ClientWebSocket other = await host.ConnectAsync("lisi");

        await client.SendTextAsync("throw");

        Assert.That(await client.ReadTextAsync(), Does.StartWith("1011"));
        await other.SendTextAsync("here");
        Assert.That(await other.ReadTextAsync(), Is.EqualTo("here"));
    }

    [Test]
    public async Task Request_ThatIsRefusedOrNoWebSocket_IsToldSo()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using var http = new HttpClient();

        Assert.That((await http.GetAsync($"{host.Url}/ws?user=zhangsan")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(() => host.ConnectAsync(""), Throws.TypeOf<WebSocketException>().With.Message.Contains("403"));
        Assert.That(() => host.ConnectAsync(new string('x', 257)), Throws.TypeOf<WebSocketException>().With.Message.Contains("500"), "an id that the host's function should not have let through");
        Assert.That(host.Tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public async Task Stop_OfTheHost_ClosesConnectionsAndExpiresNobody()
    {
        await using SocketHost host = await SocketHost.StartAsync();
        using ClientWebSocket client = await host.ConnectAsync("zhangsan");
        using ClientWebSocket silent = await host.ConnectAsync("lisi"); // it never closes its side
        await host.OnlineAsync(2);

        Task stopping = host.StopAsync();
        string told = await client.ReadTextAsync();
        await host.TickAsync(20);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await stopping.WaitAsync(Wait.Limit);
        await host.DisposeAsync();

        Assert.That(told, Is.EqualTo("1001 the server stops"));
        Assert.That(host.Ends, Is.EquivalentTo(new[] { PresenceChanges.Left, PresenceChanges.Shutdown }));
    }
}
