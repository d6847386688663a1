using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

[TestFixture(StoreKind.Garnet)]
public class RedisPresenceServiceCollectionExtensionsTests(StoreKind kind) : StoreFixture(kind)
{
    [Test]
    public async Task AddRedis_HostRuns_TakesPartAndLeaves()
    {
        using IHost host = Build(services => services.AddPresence().AddRedis(Store.Configuration, options => (options.ServerName, options.HandOver) = ("first", false)));
        using IHost other = Build(services => services.AddRedis(Store.Configuration, options => options.ServerName = "second"));
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
        using ServiceProvider provider = new ServiceCollection()
            .AddRedis("localhost", options => options.ServerName = "x")
            .AddRedis(options => options.Shards = 3)
            .BuildServiceProvider();

        RedisPresenceOptions options = provider.GetRequiredService<IOptions<RedisPresenceOptions>>().Value;
        Assert.That((options.ServerName, options.Shards), Is.EqualTo(("x", 3)));
        Assert.That(provider.GetServices<IHostedService>().Count(), Is.EqualTo(1));
        Assert.That(provider.GetRequiredService<IPresenceCluster>(), Is.SameAs(provider.GetRequiredService<RedisPresenceCluster>()));
    }

    [Test]
    public void AddRedis_BadArguments_Throw()
    {
        var services = new ServiceCollection();

        Assert.That(() => services.AddRedis(""), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => services.AddRedis("localhost,nonsense=1"), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => services.AddRedis((Action<RedisPresenceOptions>)null!), Throws.InstanceOf<ArgumentNullException>());
    }

    private static IHost Build(Action<IServiceCollection> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        configure(builder.Services);
        return builder.Build();
    }
}
