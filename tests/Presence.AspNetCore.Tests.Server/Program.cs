using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.SignalR;
using Presence;
using Presence.AspNetCore.Tests.Server;

// A server to be stopped, continued and killed. Its first argument is the port, 0 for a free one. It writes what happens to sessions and users, and how many are online when it is asked, and ends with its standard input.
WebApplicationBuilder builder = WebApplication.CreateBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));
builder.Services.AddPresence();
builder.Services.AddSingleton<IUserIdProvider, QueryUser>();
builder.Services.AddSignalR().AddPresence(options => options.Groups = connection => [$"user:{connection.UserIdentifier}"]);
await using WebApplication app = builder.Build();
app.MapHub<ServerHub>("/hub");
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
