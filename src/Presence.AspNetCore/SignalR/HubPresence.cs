using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.SignalR;

/// <summary>What all hubs of a host share: the options, and the tracker that they name.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class HubPresence(IServiceProvider services, IOptions<SignalRPresenceOptions> options, IOptionsMonitor<PresenceOptions> trackers)
{
    private readonly SignalRPresenceOptions _options = options.Value;
    private readonly int _limit = options.Value.ExpireAfter ?? trackers.Get(options.Value.Tracker).ExpireAfter;

    public Prober Prober { get; } = services.GetRequiredKeyedService<Prober>(options.Value.Tracker);

    public bool Covers(Type hub) => _options.Hubs?.Invoke(hub) ?? true;

    /// <summary>Gives a hub's connections sessions, if it is to have them.</summary>
    public HubLifetimeManager<THub> Wrap<THub>(HubLifetimeManager<THub> manager)
        where THub : Hub
    {
        if (!Covers(typeof(THub)))
        {
            return manager;
        }

        if (_options.Audience is { } audience)
        {
            Prober.Tracker.OnChange(PresenceChanges.Occupied | PresenceChanges.Vacated, edge => new ValueTask(TellAsync(manager, audience(edge.Group!), edge)));
        }

        return new PresenceHubLifetimeManager<THub>(manager, new HubSessions(Prober, _options, _limit));
    }

    /// <summary>Takes SignalR's own judgement from a hub that has sessions, since after a freeze of the server it throws out whoever could not be read.</summary>
    public IOptions<HubOptions<THub>> Judge<THub>(IOptions<HubOptions<THub>> hub)
        where THub : Hub
    {
        if (Covers(typeof(THub)))
        {
            hub.Value.ClientTimeoutInterval = TimeSpan.MaxValue;
        }

        return hub;
    }

    private static Task TellAsync<THub>(HubLifetimeManager<THub> manager, EdgeAudience? audience, PresenceChange edge)
        where THub : Hub
    {
        if (audience is null)
        {
            return Task.CompletedTask;
        }

        object?[] told = [edge.Group, edge.Kind == PresenceChanges.Occupied];
        return audience.SignalRGroup is { } group
            ? manager.SendGroupAsync(group, SignalRPresenceOptions.EdgeMethod, told)
            : manager.SendAllAsync(SignalRPresenceOptions.EdgeMethod, told);
    }
}
