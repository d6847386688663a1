using Presence.Redis;

namespace ChatServer;

/// <summary>Makes the server one of several that are one chat.</summary>
internal static class ClusterServices
{
    public static void AddCluster(this IServiceCollection services)
    {
        services.AddSingleton<Store>();
        services.AddPresence().AddRedis(options => options.HandOver = false); // a name is free again at once when its server stops
        services.AddOptions<RedisPresenceOptions>()
            .BindConfiguration("Cluster")
            .Configure<Store>((options, store) => options.Connection = store.Connection);

        services.AddSingleton<Relay>();
        services.AddSingleton<Elsewhere>();
        services.AddSingleton<Neighbours>();
        services.AddSingleton<RollCall>();
        services.AddHostedService<ClusterListener>();
    }
}
