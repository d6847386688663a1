using Microsoft.AspNetCore.SignalR;

namespace Presence.AspNetCore.Tests.Server;

/// <summary>Takes anybody's word for who he is: this server is for tests.</summary>
public sealed class QueryUser : IUserIdProvider
{
    public string? GetUserId(HubConnectionContext connection) => connection.GetHttpContext()!.Request.Query["user"];
}
