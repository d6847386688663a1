using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Presence.Tests;

[TestFixture]
public sealed class PresenceServiceCollectionExtensionsTests
{
    [Test]
    public async Task AddPresence_Alone_GivesOneTrackerUnderAllItsNames()
    {
        await using ServiceProvider services = new ServiceCollection().AddPresence().Services.BuildServiceProvider();

        var tracker = services.GetRequiredService<IPresenceTracker>();

        Assert.That(services.GetRequiredService<IHeartbeatSink>(), Is.SameAs(tracker));
        Assert.That(services.GetRequiredService<PresenceTracker>(), Is.SameAs(tracker));
    }

    [Test]
    public async Task AddPresence_Twice_GivesOneTrackerWithBothConfigurations()
    {
        var ticks = new ManualTickSource();
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<ITickSource>(ticks)
            .AddPresence(options => options.ExpireAfter = 2).Services
            .AddPresence(options => options.Rule = HeartbeatRule.Decrement).Services
            .BuildServiceProvider();
        var tracker = services.GetRequiredService<IPresenceTracker>();
        tracker.Join("zhangsan");
        tracker.Heartbeat("zhangsan");

        Assert.That(tracker.TryGetClient("zhangsan", out ClientStatus status), Is.True);
        Assert.That((status.Count, status.ExpireAfter), Is.EqualTo((-1, 2)));
        Assert.That(services.GetServices<IPresenceTracker>().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task AddPresence_WithATimeProvider_TicksByItUntilTheContainerIsDisposed()
    {
        var time = new FakeTimeProvider();
        ServiceProvider services = new ServiceCollection().AddSingleton<TimeProvider>(time).AddPresence().Services.BuildServiceProvider();
        var tracker = services.GetRequiredService<IPresenceTracker>();
        tracker.Join("zhangsan");

        for (int second = 0; second < 5; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        int atLimit = tracker.OnlineCount;
        time.Advance(TimeSpan.FromSeconds(1));
        int after = tracker.OnlineCount;
        await services.DisposeAsync();

        Assert.That((atLimit, after), Is.EqualTo((1, 0)));
        Assert.That(() => tracker.Join("zhangsan"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task AddPresence_WithATickSource_SubscribesOnceAndUnsubscribesOnDispose()
    {
        var subscription = new Mock<IDisposable>();
        var source = new Mock<ITickSource>();
        source.Setup(ticks => ticks.Subscribe(It.IsAny<Action<Tick>>())).Returns(subscription.Object);
        ServiceProvider services = new ServiceCollection().AddSingleton(source.Object).AddPresence().Services.BuildServiceProvider();
        services.GetRequiredService<IPresenceTracker>();
        services.GetRequiredService<IHeartbeatSink>();

        await services.DisposeAsync();

        source.Verify(ticks => ticks.Subscribe(It.IsAny<Action<Tick>>()), Times.Once);
        subscription.Verify(ticks => ticks.Dispose(), Times.Once);
    }

    [Test]
    public void AddPresence_WithAnInvalidOption_FailsAtTheStartOfTheHost()
    {
        using ServiceProvider services = new ServiceCollection().AddPresence(options => options.ExpireAfter = 0).Services.BuildServiceProvider();

        Assert.That(
            services.GetRequiredService<IStartupValidator>().Validate,
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("ExpireAfter: 0 is out of range"));
    }

    [Test]
    public void AddPresence_ToNothing_Throws() =>
        Assert.That(() => PresenceServiceCollectionExtensions.AddPresence(null!), Throws.ArgumentNullException);
}
