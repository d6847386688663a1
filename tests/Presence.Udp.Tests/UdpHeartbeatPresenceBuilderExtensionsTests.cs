using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class UdpHeartbeatPresenceBuilderExtensionsTests
{
    [Test]
    public async Task AddUdpHeartbeats_InAHost_ListensFromStartToStop()
    {
        ServiceCollection services = new();
        services.AddSingleton<ITickSource>(new ManualTickSource());
        services.AddPresence().AddUdpHeartbeats(options => options.EndPoint = Loopback.AnyPort);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IPresenceTracker tracker = provider.GetRequiredService<IPresenceTracker>();
        HeartbeatKeys keys = provider.GetRequiredService<HeartbeatKeys>();
        UdpHeartbeatListener listener = provider.GetRequiredService<UdpHeartbeatListener>();
        IHostedService service = provider.GetServices<IHostedService>().Single();
        SessionId session = tracker.Join("zhangsan").Session;
        byte[] key = keys.Issue("zhangsan", session)!;

        await service.StartAsync(default);
        using var sender = Loopback.Sender();
        sender.SendTo(Datagrams.Genuine(key, session, 1), listener.LocalEndPoint!);
        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == 1, "the heartbeat");
        await service.StopAsync(default);

        Assert.That(() => listener.LocalEndPoint, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void AddUdpHeartbeats_Twice_AddsOneListenerWithBothConfigurations()
    {
        ServiceCollection services = new();
        services.AddPresence().AddUdpHeartbeats(options => options.EndPoint = Loopback.AnyPort).AddUdpHeartbeats(options => options.DualMode = false);
        using ServiceProvider provider = services.BuildServiceProvider();
        UdpHeartbeatOptions options = provider.GetRequiredService<IOptions<UdpHeartbeatOptions>>().Value;

        Assert.Multiple(() =>
        {
            Assert.That(provider.GetServices<IHostedService>().Count(), Is.EqualTo(1));
            Assert.That(provider.GetServices<UdpHeartbeatListener>().Count(), Is.EqualTo(1));
            Assert.That(options.EndPoint, Is.EqualTo(Loopback.AnyPort));
            Assert.That(options.DualMode, Is.False);
        });
    }

    [Test]
    public async Task AddUdpHeartbeats_OnTwoTrackers_GivesEachAListenerOfItsOwn()
    {
        ServiceCollection services = new();
        services.AddSingleton<ITickSource>(new ManualTickSource());
        services.AddPresence().AddUdpHeartbeats(options => options.EndPoint = Loopback.AnyPort);
        services.AddKeyedPresence("input").AddUdpHeartbeats(options => options.EndPoint = Loopback.AnyPort).AddUdpHeartbeats(options => options.DualMode = false);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHostedService[] hosted = [.. provider.GetServices<IHostedService>()];
        UdpHeartbeatListener listener = provider.GetRequiredKeyedService<UdpHeartbeatListener>("input");
        SessionId session = provider.GetRequiredKeyedService<IPresenceTracker>("input").Join("zhangsan").Session;
        byte[] key = provider.GetRequiredKeyedService<HeartbeatKeys>("input").Issue("zhangsan", session)!;

        await Task.WhenAll(hosted.Select(service => service.StartAsync(default)));
        using var sender = Loopback.Sender();
        sender.SendTo(Datagrams.Genuine(key, session, 1), listener.LocalEndPoint!);
        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == 1, "the heartbeat");
        await Task.WhenAll(hosted.Select(service => service.StopAsync(default)));

        Assert.That(hosted, Has.Length.EqualTo(2));
        Assert.That(listener, Is.Not.SameAs(provider.GetRequiredService<UdpHeartbeatListener>()));
        Assert.That(provider.GetRequiredService<IOptionsMonitor<UdpHeartbeatOptions>>().Get("input").DualMode, Is.False);
    }

    [Test]
    public void AddUdpHeartbeats_InvalidOptions_FailsWhenRead()
    {
        ServiceCollection services = new();
        services.AddPresence().AddUdpHeartbeats(options => options.ReceiveBufferSize = 1);
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.That(() => provider.GetRequiredService<UdpHeartbeatListener>(), Throws.TypeOf<OptionsValidationException>());
    }
}
