using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.Hosting;

/// <summary>A pause at the stop of the host for each tracker that a transport of this package uses.</summary>
internal static class StoppingPauseServices
{
    /// <param name="services">The services to add to.</param>
    /// <param name="tracker">The tracker's key.</param>
    public static void AddStoppingPause(this IServiceCollection services, string? tracker)
    {
        if (services.Any(service => service.ServiceType == typeof(StoppingPause) && Equals(service.ServiceKey, tracker)))
        {
            return;
        }

        services.AddKeyedSingleton(tracker, static (provider, key) =>
            new StoppingPause(provider.GetRequiredKeyedService<Prober>(key), provider.GetRequiredService<IHostApplicationLifetime>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<StoppingPause>(tracker));
    }
}
