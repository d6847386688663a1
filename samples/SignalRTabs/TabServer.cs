using Microsoft.AspNetCore.SignalR;
using Presence;
using Presence.AspNetCore;

namespace SignalRTabs;

/// <summary>Tells all tabs which users are online: a user is online with the first tab and offline with the last.</summary>
internal static class TabServer
{
    public static async Task<int> RunAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (builder.Configuration["urls"] is null)
        {
            builder.WebHost.UseUrls("http://localhost:8082");
        }

        builder.Services.AddSingleton<IUserIdProvider, QueryUser>(); // in earnest: authentication
        builder.Services.AddPresence();
        builder.Services.AddHealthChecks().AddPresence();
        builder.Services.AddSignalR().AddPresence(options =>
        {
            options.Groups = connection => connection.UserIdentifier is { } user ? [$"user:{user}"] : [];
            options.Audience = _ => EdgeAudience.All;
        });

        await using WebApplication app = builder.Build();
        app.MapHub<TabHub>("/hub");
        app.MapHealthChecks("/health");
        app.Services.GetRequiredService<IPresenceTracker>().OnChange(PresenceChanges.Joined | PresenceChanges.Ended, change =>
        {
            Console.WriteLine($"{change.ClientId} {change.Kind.ToString().ToLowerInvariant()}");
            return ValueTask.CompletedTask;
        });
        await app.StartAsync();
        Console.WriteLine($"Listening on {app.Urls.First()}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    private sealed class QueryUser : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection) => connection.GetHttpContext()!.Request.Query["user"];
    }

    private sealed class TabHub(IPresenceTracker tracker) : Hub
    {
        public int CountTabs() => tracker.Groups.Count($"user:{Context.UserIdentifier}");
    }
}
