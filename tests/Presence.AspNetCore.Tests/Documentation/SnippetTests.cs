using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Presence.AspNetCore.Tests.Server;
using Presence.AspNetCore.Tests.WebSockets;

namespace Presence.AspNetCore.Tests.Documentation;

/// <summary>The examples of <c>docs/aspnetcore.md</c>, which run here and stand there word for word.</summary>
[TestFixture]
public sealed class SnippetTests
{
    [Test]
    public async Task Examples_OfAHub_SaySoWhoIsOnline()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();

        builder.Services.AddPresence();
        builder.Services.AddSignalR().AddPresence(o => o.Groups = c => c.UserIdentifier is { } user ? [$"user:{user}"] : []);

        builder.Services.AddSignalR().AddPresence(o => o.Audience = group => group.StartsWith("user:", StringComparison.Ordinal) ? EdgeAudience.All : null);

        builder.Services.AddSingleton<IUserIdProvider, QueryUser>();
        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapHub<ChatHub>("/hub");
        await app.StartAsync();
        await using HubConnection connection = new HubConnectionBuilder().WithUrl($"{app.Urls.First()}/hub?user=zhangsan").Build();

        connection.On(SignalRPresenceOptions.ProbeMethod, () => true); // "PresenceProbe", in a client that does not reference this package
        connection.ServerTimeout = TimeSpan.FromMinutes(2);

        var told = new TaskCompletionSource<string>();
        connection.On<string, bool>("PresenceChanged", (group, isOnline) => told.TrySetResult($"{group} {isOnline}"));
        await connection.StartAsync();

        Assert.That(SignalRPresenceOptions.ProbeMethod, Is.EqualTo("PresenceProbe"));
        Assert.That(await told.Task.WaitAsync(Wait.Limit), Is.EqualTo("user:zhangsan True"));
        Assert.That(await connection.InvokeAsync<bool>("IsOnline", "zhangsan"), Is.True);
        Assert.That(await connection.InvokeAsync<bool>("IsOnline", "lisi"), Is.False);
        Assert.That(await connection.InvokeAsync<bool>("EnterRoom", "lobby"), Is.True);
        Assert.That(await connection.InvokeAsync<bool>("LoadForLong"), Is.True);
        IPresenceTracker tracker = app.Services.GetRequiredService<IPresenceTracker>();
        Assert.That(tracker.Groups.Members("room:lobby").Single().Client.ExpireAfter, Is.EqualTo(60));
    }

    [Test]
    public async Task Examples_OfAWebSocket_JoinAndEcho()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();

        builder.Services.AddPresence().AddWebSockets();

        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "zhangsan")], "test"));
            return next(context);
        });

        app.MapPresenceWebSocket(
            "/ws",
            context => ValueTask.FromResult(context.User.Identity?.Name is { } user ? new PresenceJoin(user) : null), // null: 403
            async message => await message.Socket.SendAsync(message.Content, message.Type));                             // yours; here an echo

        await app.StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"{app.Urls.First().Replace("http", "ws", StringComparison.Ordinal)}/ws"), default);
        await socket.SendTextAsync("here");

        Assert.That(await socket.ReadTextAsync(), Is.EqualTo("here"));
        Assert.That(app.Services.GetRequiredService<IPresenceTracker>().TryGetClient("zhangsan", out _), Is.True);
    }

    [Test]
    public async Task Examples_OfHttp_LogInByTheHostsOwnClaim()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();

        builder.Services.AddPresence().AddHttpHeartbeats();

        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("device", "sensor 7")], "test"));
            return next(context);
        });

        app.MapHeartbeats("/heartbeats", context => ValueTask.FromResult(
            context.User.FindFirst("device")?.Value is { } device ? new PresenceJoin(device, new JoinOptions { ExpireAfter = TimeSpan.FromMinutes(2) }) : null)); // null: 403

        await app.StartAsync();
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.PostAsync($"{app.Urls.First()}/heartbeats", null);

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Match("""^{"token":"[^"]{32}","interval":1,"expireAfter":120}$"""));
    }

    [Test]
    public async Task Examples_OfHealth_AddACheck()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddPresence();

        builder.Services.AddHealthChecks().AddPresence();

        await using WebApplication app = builder.Build();
        HealthReport report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.That(report.Entries["presence"].Status, Is.EqualTo(HealthStatus.Healthy));
    }
}
