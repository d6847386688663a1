using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

[TestFixture(StoreKind.Garnet)]
public class RedisPresenceBuilderExtensionsTests(StoreKind kind) : StoreFixture(kind)
{
    [Test]
    public async Task AddRedis_HostRuns_TakesPartAndLeaves()
    {
        using IHost host = Build(services => services.AddPresence().AddRedis(Store.Configuration, options => (options.ServerName, options.HandOver) = ("first", false)));
        using IHost other = Build(services => services.AddPresence().AddRedis(Store.Configuration, options => options.ServerName = "second"));
        await Task.WhenAll(host.StartAsync(), other.StartAsync());
        IPresenceCluster cluster = host.Services.GetRequiredService<IPresenceCluster>();
        SessionId session = host.Services.GetRequiredService<IPresenceTracker>().Join("ann").Session;

        Assert.That(await cluster.WhenPublishedAsync("ann", session).WaitAsync(TestServer.Patience), Is.Not.Null);
        Assert.That((await other.Services.GetRequiredService<IPresenceCluster>().FindAsync("ann"))?.Server, Is.EqualTo("first"));

        await host.StopAsync();

        Assert.That(await other.Services.GetRequiredService<IPresenceCluster>().CountAsync(), Is.Zero);
        await other.StopAsync();
    }

    [Test]
    public void AddRedis_Twice_AddsOneWithBothConfigurations()
    {
        using ServiceProvider provider = new ServiceCollection().AddPresence()
            .AddRedis("localhost", options => options.ServerName = "x")
            .AddRedis(options => options.Shards = 3).Services
            .BuildServiceProvider();

        RedisPresenceOptions options = provider.GetRequiredService<IOptions<RedisPresenceOptions>>().Value;
        Assert.That((options.ServerName, options.Shards), Is.EqualTo(("x", 3)));
        Assert.That(provider.GetServices<IHostedService>().Count(), Is.EqualTo(1));
        Assert.That(provider.GetRequiredService<IPresenceCluster>(), Is.SameAs(provider.GetRequiredService<RedisPresenceCluster>()));
    }

    [Test]
    public async Task AddRedis_OnTwoTrackersOfAHost_GivesEachAClusterOfItsOwn()
    {
        using IHost host = Build(services =>
        {
            services.AddPresence().AddRedis(Store.Configuration);
            services.AddKeyedPresence("input").AddRedis(Store.Configuration, options => options.KeyPrefix = "input");
        });
        await host.StartAsync();
        IPresenceCluster cluster = host.Services.GetRequiredKeyedService<IPresenceCluster>("input");
        SessionId session = host.Services.GetRequiredKeyedService<IPresenceTracker>("input").Join("ann").Session;

        Assert.That(await cluster.WhenPublishedAsync("ann", session).WaitAsync(TestServer.Patience), Is.Not.Null);
        Assert.That(await host.Services.GetRequiredService<IPresenceCluster>().FindAsync("ann"), Is.Null, "in the other");

        await host.StopAsync();
    }

    [Test]
    public void AddRedis_BadArguments_Throw()
    {
        IPresenceBuilder presence = new ServiceCollection().AddPresence();

        Assert.That(() => presence.AddRedis(""), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => presence.AddRedis("localhost,nonsense=1"), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => presence.AddRedis((Action<RedisPresenceOptions>)null!), Throws.InstanceOf<ArgumentNullException>());
    }

    private static IHost Build(Action<IServiceCollection> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        configure(builder.Services);
        return builder.Build();
    }
}
