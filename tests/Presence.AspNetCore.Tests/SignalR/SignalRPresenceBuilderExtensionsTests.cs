using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.AspNetCore.Hosting;

namespace Presence.AspNetCore.Tests.SignalR;

[TestFixture]
public sealed class SignalRPresenceBuilderExtensionsTests
{
    [Test]
    public async Task AddPresence_ToAHub_TakesSignalRsOwnJudgement()
    {
        await using HubHost host = await HubHost.StartAsync();

        Assert.That(Options(host).ClientTimeoutInterval, Is.EqualTo(TimeSpan.MaxValue));
    }

    [Test]
    public async Task AddPresence_ToOtherHubs_LeavesAHubAsItIs()
    {
        await using HubHost host = await HubHost.StartAsync(options => options.Hubs = hub => hub != typeof(TestHub));
        await using HubConnection client = host.Client("zhangsan");
        await client.StartAsync();

        Assert.That(await client.InvokeAsync<string>("Session"), Is.EqualTo(SessionId.None.ToString()));
        Assert.That(Options(host).ClientTimeoutInterval, Is.Null.Or.LessThan(TimeSpan.FromMinutes(1)));
        Assert.That((host.Tracker.OnlineCount, host.Prober.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task AddPresence_WithAKey_UsesThatTracker()
    {
        await using HubHost host = await HubHost.StartAsync(options => options.Tracker = "tabs", services => services.AddKeyedPresence("tabs", options => options.ExpireAfter = 9));
        IPresenceTracker tabs = host.Services.GetRequiredKeyedService<IPresenceTracker>("tabs");
        await using HubConnection client = host.Client("zhangsan");
        await client.StartAsync();
        await Wait.UntilAsync(() => tabs.OnlineCount == 1, "the session");

        Assert.That((tabs.Snapshot().Single().ExpireAfter, host.Tracker.OnlineCount), Is.EqualTo((9, 0)));
    }

    [Test]
    public void AddPresence_Twice_AddsItOnceWithBothConfigurations()
    {
        ServiceCollection services = new();
        services.AddPresence();
        services.AddSignalR().AddPresence(options => options.ProbeAfter = 1).AddPresence(options => options.BrokenNotice = 9);
        using ServiceProvider provider = services.BuildServiceProvider();

        SignalRPresenceOptions options = provider.GetRequiredService<IOptions<SignalRPresenceOptions>>().Value;

        Assert.That((options.ProbeAfter, options.BrokenNotice), Is.EqualTo((1, 9)));
        Assert.That(services.Count(service => service.ServiceType == typeof(HubConnectionHandler<>)), Is.EqualTo(1));
        Assert.That(services.Count(service => service.ServiceType == typeof(IHostedService)), Is.EqualTo(1), nameof(StoppingPause));
    }

    private static HubOptions<TestHub> Options(HubHost host) => host.Services.GetRequiredService<IOptions<HubOptions<TestHub>>>().Value;
}
