using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Presence.AspNetCore.Probing;

/// <summary>One prober for each tracker, with the tracker's key.</summary>
internal static class ProberServices
{
    public static void AddProbers(this IServiceCollection services)
    {
        services.TryAddKeyedSingleton(null, Create);
        services.TryAddKeyedSingleton(KeyedService.AnyKey, Create);
    }

    private static Prober Create(IServiceProvider provider, object? key) =>
        new(provider.GetRequiredKeyedService<IPresenceTracker>(key), provider.GetRequiredService<ILogger<Prober>>());
}
