using Microsoft.AspNetCore.SignalR;

namespace Presence.AspNetCore.Tests.Server;

internal sealed class ServerHub : Hub
{
    public string? WhoAmI() => Context.UserIdentifier;
}
