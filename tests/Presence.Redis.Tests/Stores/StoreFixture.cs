namespace Presence.Redis.Tests.Stores;

/// <summary>Tests that run against one kind of store, started once for all of them.</summary>
public abstract class StoreFixture(StoreKind kind)
{
    protected StoreKind Kind => kind;

    protected TestStore Store { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartStore()
    {
        if (kind != StoreKind.Garnet)
        {
            RedisProcess.RequireInstalled();
        }

        Store = kind switch
        {
            StoreKind.Garnet => new GarnetStore(),
            StoreKind.Redis => await RedisStore.StartAsync(),
            _ => await RedisClusterStore.StartAsync(),
        };
    }

    [OneTimeTearDown]
    public async Task StopStore()
    {
        if (Store is not null)
        {
            await Store.DisposeAsync();
        }
    }
}
