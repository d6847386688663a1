using Presence.Redis.Tests.Stores;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Schedules;

/// <summary>What may befall the store.</summary>
/// <param name="Name">For the log.</param>
/// <param name="LosesData">Whether the store forgets something that it had answered.</param>
/// <param name="StrikeAsync">Has it begin, and gives how it ends.</param>
internal sealed record StoreNemesis(string Name, bool LosesData, Func<RedisStore, Task<Func<Task>>> StrikeAsync)
{
    public static StoreNemesis[] All { get; } =
    [
        new("stall", false, store =>
        {
            store.Process.Pause();
            return Ending(() =>
            {
                store.Process.Resume();
                return Task.CompletedTask;
            });
        }),
        new("script flush", false, store => AtOnceAsync(store, server => server.ScriptFlushAsync())),
        new("connections killed", false, store => AtOnceAsync(store, async server =>
        {
            await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        })),
        new("out of memory", false, store => ForAWhileAsync(store, ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"])),
        new("read-only", false, store => ForAWhileAsync(store, ["CONFIG", "SET", "min-replicas-to-write", "1"], ["CONFIG", "SET", "min-replicas-to-write", "0"])),
        new("publishing denied", false, store => ForAWhileAsync(store, ["ACL", "SETUSER", "default", "-publish"], ["ACL", "SETUSER", "default", "+publish"])),
        new("restart empty", true, async store =>
        {
            await store.Process.KillAsync();
            return store.Process.StartAsync;
        }),
        new("restart from a snapshot", true, async store =>
        {
            await AdministerAsync(store, server => server.ExecuteAsync("SAVE"));
            return async () =>
            {
                await store.Process.KillAsync();
                await store.Process.StartAsync();
                await store.Process.DeleteSnapshotAsync();
            };
        }),
    ];

    private static Task<Func<Task>> Ending(Func<Task> end) => Task.FromResult(end);

    private static async Task<Func<Task>> AtOnceAsync(RedisStore store, Func<IServer, Task> act)
    {
        await AdministerAsync(store, act);
        return () => Task.CompletedTask;
    }

    private static async Task<Func<Task>> ForAWhileAsync(RedisStore store, string[] begin, string[] end)
    {
        await AdministerAsync(store, server => server.ExecuteAsync(begin[0], begin[1..]));
        return () => AdministerAsync(store, server => server.ExecuteAsync(end[0], end[1..]));
    }

    private static async Task AdministerAsync(RedisStore store, Func<IServer, Task> act)
    {
        await using ConnectionMultiplexer connection = await store.ConnectAsync(configure: options => (options.AsyncTimeout, options.AllowAdmin) = (20_000, true));
        await act(connection.GetServers()[0]);
    }
}
