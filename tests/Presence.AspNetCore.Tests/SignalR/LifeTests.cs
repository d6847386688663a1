using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>What keeps the session of a connection, and what does not.</summary>
[TestFixture]
public sealed class LifeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    [TestCase(HttpTransportType.WebSockets, false)]
    [TestCase(HttpTransportType.WebSockets, true)]
    [TestCase(HttpTransportType.ServerSentEvents, false)]
    [TestCase(HttpTransportType.LongPolling, false)]
    public async Task Client_ThatIsSilentAndHasNothingOfOurs_AnswersAndStaysOnline(HttpTransportType transport, bool hasMessagePack)
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan", builder =>
        {
            builder.WithUrl($"{host.Url}/hub?user=zhangsan", transport);
            if (hasMessagePack)
            {
                builder.AddMessagePackProtocol();
            }
        });
        await client.StartAsync();

        await host.PassAsync(20);

        Assert.That(client.State, Is.EqualTo(HubConnectionState.Connected));
        Assert.That(host.Changes.Select(change => change.Kind), Does.Not.Contain(PresenceChanges.Suspected).And.Not.Contain(PresenceChanges.Expired));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Client_WithAHandler_IsAskedAfterSoManyTicksOfSilence(bool hasMessagePack)
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan", builder =>
        {
            if (hasMessagePack)
            {
                builder.AddMessagePackProtocol();
            }
        });
        int asked = 0;
        client.On(SignalRPresenceOptions.ProbeMethod, () => Interlocked.Increment(ref asked) > 0);
        await client.StartAsync();

        await host.PassAsync(1);
        int afterOne = asked;
        await host.PassAsync(20);

        Assert.That((afterOne, asked), Is.EqualTo((0, 10)), "once each second tick");
    }

    [Test]
    public async Task Client_ThatInvokes_IsNotAsked()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        int asked = 0;
        client.On(SignalRPresenceOptions.ProbeMethod, () => ++asked > 0);
        await client.StartAsync();

        for (int i = 0; i < 10; i++)
        {
            await host.TickAsync();
            await client.InvokeAsync<string>("Session");
        }

        Assert.That((asked, host.Tracker.OnlineCount), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task Client_ThatHangsWhileItsPingsGoOn_ExpiresAndIsToldSoAndComesAgain()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan", builder => builder.WithAutomaticReconnect([TimeSpan.Zero]));
        client.KeepAliveInterval = Soon;
        var awake = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = new TaskCompletionSource<Exception?>();
        int asked = 0;
        client.On(SignalRPresenceOptions.ProbeMethod, () =>
        {
            asked++;
            return awake.Task;
        });
        client.Reconnecting += error =>
        {
            lost.TrySetResult(error);
            return Task.CompletedTask;
        };
        await client.StartAsync();
        string first = client.ConnectionId!;
        await host.OnlineAsync(1);

        for (int i = 0; i < 5; i++)
        {
            await host.TickAsync();
            await Task.Delay(Soon * 3); // pings come in, and a question might
        }

        int online = host.Tracker.OnlineCount;
        await host.TickAsync();
        await host.ToldAsync(PresenceChanges.Expired);
        awake.SetResult(true);

        Assert.That((await lost.Task.WaitAsync(Wait.Limit))?.Message, Does.Contain("taken for gone"));
        await Wait.UntilAsync(() => client.State == HubConnectionState.Connected, "a connection again");
        await host.OnlineAsync(1);
        Assert.That((online, asked), Is.EqualTo((1, 1)), "online until the last tick, and asked once");
        Assert.That(client.ConnectionId, Is.Not.EqualTo(first));
    }

    [Test]
    public async Task Client_ThatHangsWhileItsPingsGoOn_IsOnlineWhereBytesCount()
    {
        await using HubHost host = await HubHost.StartAsync(options => options.SignOfLife = SignOfLife.Bytes);
        await using HubConnection client = host.Client("zhangsan");
        client.KeepAliveInterval = Soon;
        client.On(SignalRPresenceOptions.ProbeMethod, () => new TaskCompletionSource<bool>().Task);
        await client.StartAsync();

        await host.PassAsync(20);

        Assert.That(host.Tracker.OnlineCount, Is.EqualTo(1));
    }

    [Test]
    public async Task Client_WhoseHubMethodTakesLong_IsNotJudgedByWhatWaitsBehindIt()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        await client.StartAsync();
        host.Gate.Shut();
        Task[] calls = [client.InvokeAsync("WaitAtGate"), client.InvokeAsync("WaitAtGate")];
        await Wait.UntilAsync(() => host.Gate.Waiting == 1, "the first call"); // the second waits for it, and an answer would wait behind that

        await host.PassAsync(20);
        host.Gate.Open();
        await Task.WhenAll(calls);

        Assert.That(host.Changes.Select(change => change.Kind), Does.Not.Contain(PresenceChanges.Expired));
    }

    [Test]
    public async Task Client_ThatSendsAPartOfAMessage_IsAliveWhereBytesCount([Values] SignOfLife sign)
    {
        await using HubHost host = await HubHost.StartAsync(options => options.SignOfLife = sign);
        using RawClient client = await RawClient.ConnectAsync(host, "zhangsan");
        await host.OnlineAsync(1);
        await host.TickAsync();

        await client.SendPartAsync("{");
        await client.SendPartAsync(" ");

        if (sign == SignOfLife.Bytes)
        {
            await Wait.UntilAsync(() => host.Tracker.Snapshot().Single().Count == 0, "a heartbeat");
        }
        else
        {
            await host.TickAsync(5);

            await host.ToldAsync(PresenceChanges.Expired);
        }
    }

    [Test]
    public async Task Question_OfTheHostsOwn_IsAnsweredBesideOurs()
    {
        await using HubHost host = await HubHost.StartAsync();
        await using HubConnection client = host.Client("zhangsan");
        client.On("Ask", () => 42);
        await client.StartAsync();
        await host.OnlineAsync(1);
        var hub = host.Services.GetRequiredService<Microsoft.AspNetCore.SignalR.IHubContext<TestHub>>();

        Task<int> answer = hub.Clients.Client(client.ConnectionId!).InvokeCoreAsync<int>("Ask", [], default);
        await host.PassAsync(4);

        Assert.That(await answer, Is.EqualTo(42));
    }
}
