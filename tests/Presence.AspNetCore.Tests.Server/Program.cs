using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.SignalR;
using Presence;
using Presence.AspNetCore;
using Presence.AspNetCore.Tests.Server;

// A server to be stopped, continued and killed. Its first argument is the port, 0 for a free one; the second, if there is one, is where SignalR's script for browsers lies. It writes what happens to sessions and users, and how many are online when it is asked, and ends with its standard input.
WebApplicationBuilder builder = WebApplication.CreateBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));
builder.WebHost.UseStaticWebAssets();
builder.Services.AddPresence().AddWebSockets();
builder.Services.AddSingleton<IUserIdProvider, QueryUser>();
builder.Services.AddSignalR().AddPresence(options => options.Groups = connection => [$"user:{connection.UserIdentifier}"]);
await using WebApplication app = builder.Build();
app.UseStaticFiles();
app.MapHub<ServerHub>("/hub");
app.MapPresenceWebSocket("/ws", context => ValueTask.FromResult(context.Request.Query["user"].ToString() is { Length: > 0 } user
    ? new PresenceJoin(context.Connection.Id, new JoinOptions { Groups = [$"user:{user}"] })
    : null));
if (args.Length > 1)
{
    app.MapGet("/signalr.js", () => Results.File(args[1], "text/javascript"));
}

IPresenceTracker tracker = app.Services.GetRequiredService<IPresenceTracker>();
tracker.OnChange(PresenceChanges.Ended | PresenceChanges.Occupied | PresenceChanges.Vacated, change =>
{
    Console.WriteLine($"{change.Kind} {change.Group ?? change.ClientId}");
    return ValueTask.CompletedTask;
});

await app.StartAsync();
Console.WriteLine($"port {new Uri(app.Urls.First()).Port}");
while (await Console.In.ReadLineAsync() is not null)
{
    Console.WriteLine($"online {tracker.OnlineCount}");
}
