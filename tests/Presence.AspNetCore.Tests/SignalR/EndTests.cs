using Microsoft.AspNetCore.SignalR.Client;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>How the session of a connection begins and ends.</summary>
[TestFixture]
public sealed class EndTests
{
    [Test]
    public async Task Connection_FromItsStart_IsASessionInItsGroups()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        await client.StartAsync();

        string session = await client.InvokeAsync<string>("Session");

        Assert.That(host.Tracker.TryGetClient(client.ConnectionId!, out ClientStatus status), Is.True);
        Assert.That((status.Session.ToString(), status.ExpireAfter), Is.EqualTo((session, 5)));
        Assert.That(host.Tracker.Groups.Members("user:zhangsan").Select(member => member.Client.ClientId), Is.EqualTo(new[] { client.ConnectionId }));
    }

    [Test]
    public async Task Connection_WhoseGroupsThrow_IsRefusedAndLeavesNothing()
    {
        await using HubHost host = await HubHost.StartAsync(options => options.Groups = _ => throw new InvalidOperationException("No."));
        await using HubConnection client = host.Client("zhangsan");

        await client.StartAsync().ContinueWith(static _ => { }, TaskScheduler.Default); // it fails, or succeeds and the connection is closed then
        await Wait.UntilAsync(() => client.State == HubConnectionState.Disconnected, "a refusal");

        Assert.That((host.Tracker.OnlineCount, host.Prober.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Stop_ByTheClient_EndsTheSessionAtOnce()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        await client.StartAsync();
        host.Gate.Shut(); // the hub's own OnDisconnectedAsync holds up nothing

        await client.StopAsync();

        await host.ToldAsync(PresenceChanges.Left);
        Assert.That((host.Tracker.OnlineCount, host.Prober.Count), Is.EqualTo((0, 0)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Connection_ThatEndsWithoutAStop_IsOnNotice(bool isCut)
    {
        await using HubHost host = await HubHost.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(host, "zhangsan");
        await host.OnlineAsync(1);

        await EndAsync(client, isCut);
        await Wait.UntilAsync(() => host.Prober.Count == 0, "the end of the connection");
        await host.TickAsync(2);
        int onNotice = host.Tracker.OnlineCount;
        await host.TickAsync();

        await host.ToldAsync(PresenceChanges.Expired);
        Assert.That(onNotice, Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task User_WhoComesBackWithinTheNotice_WasNeverAway(bool isCut)
    {
        await using HubHost host = await HubHost.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(host, "zhangsan");
        await host.OnlineAsync(1);
        await EndAsync(client, isCut);
        await Wait.UntilAsync(() => host.Prober.Count == 0, "the end of the connection");
        await host.TickAsync(2);

        await using HubConnection again = host.Client("zhangsan");
        await again.StartAsync();
        await host.OnlineAsync(2);
        await host.TickAsync();
        await host.ToldAsync(PresenceChanges.Expired);
        await host.PassAsync(10);

        Assert.That(host.Changes.Where(change => change.Kind is PresenceChanges.Occupied or PresenceChanges.Vacated).Select(change => change.Kind),
            Is.EqualTo(new[] { PresenceChanges.Occupied }));
    }

    [Test]
    public async Task Session_ThatTheHostEnds_ClosesItsConnectionAtTheNextSignOfLife()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        var closed = new TaskCompletionSource<Exception?>();
        client.Closed += error =>
        {
            closed.TrySetResult(error);
            return Task.CompletedTask;
        };
        await client.StartAsync();
        await host.OnlineAsync(1);

        host.Tracker.Leave(client.ConnectionId!);
        await host.TickAsync(2); // it is asked

        Assert.That((await closed.Task.WaitAsync(Wait.Limit))?.Message, Does.Contain("taken for gone"));
    }

    [Test]
    public async Task Reconnect_ThatIsStateful_KeepsTheSession()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan", builder => builder.WithStatefulReconnect());
        int asked = 0;
        client.On(SignalRPresenceOptions.ProbeMethod, () => Interlocked.Increment(ref asked) > 0);
        await client.StartAsync();
        string session = await client.InvokeAsync<string>("Session");
        await host.PassAsync(4);

        host.Requests.Keys.Single(request => request.WebSockets.IsWebSocketRequest).Abort();
        string after = await client.InvokeAsync<string>("Session").WaitAsync(Wait.Limit);
        await host.PassAsync(8);

        Assert.That((after, asked), Is.EqualTo((session, 6)));
        Assert.That(host.Changes.Where(change => change.Kind is PresenceChanges.Joined || PresenceChanges.Ended.HasFlag(change.Kind)).Select(change => change.Kind),
            Is.EqualTo(new[] { PresenceChanges.Joined }));
    }

    [Test]
    public async Task Stop_OfTheHost_PausesExpiryBeforeItClosesConnections()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        await client.StartAsync();
        await host.OnlineAsync(1);
        host.Gate.Shut();

        Task stopping = host.StopAsync();
        await Wait.UntilAsync(() => host.Gate.Waiting == 1, "the connection to be closed");
        await host.TickAsync(20);

        int online = host.Tracker.OnlineCount;
        host.Gate.Open();
        await stopping;
        await host.DisposeAsync();

        Assert.That(online, Is.EqualTo(1));
        Assert.That(host.Changes.Where(change => PresenceChanges.Ended.HasFlag(change.Kind)).Select(change => change.Kind), Is.EqualTo(new[] { PresenceChanges.Shutdown }));
    }

    private static Task EndAsync(RawClient client, bool isCut)
    {
        if (isCut)
        {
            client.Cut();
            return Task.CompletedTask;
        }

        return client.LeavePageAsync();
    }
}
