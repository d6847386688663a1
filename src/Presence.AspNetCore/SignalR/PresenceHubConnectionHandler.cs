using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Presence.AspNetCore.SignalR;

/// <summary>SignalR's own handler, whose connections are sessions.</summary>
/// <remarks>Thread safety: full; one for each hub.</remarks>
internal sealed class PresenceHubConnectionHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.PublicMethods)] THub>(
    HubLifetimeManager<THub> manager,
    IHubProtocolResolver protocols,
    IOptions<HubOptions> globalOptions,
    IOptions<HubOptions<THub>> options,
    ILoggerFactory loggers,
    IUserIdProvider users,
    IServiceScopeFactory scopes,
    HubPresence presence)
    : HubConnectionHandler<THub>(presence.Wrap(manager), protocols, globalOptions, presence.Judge(options), loggers, users, scopes)
    where THub : Hub
{
    private readonly bool _isCovered = presence.Covers(typeof(THub));

    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        if (_isCovered)
        {
            var input = new InputTap(connection.Transport.Input);
            connection.Features.Set(input);
            connection.Transport = new TappedTransport(input, connection.Transport.Output);
        }

        return base.OnConnectedAsync(connection);
    }
}
