using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.Tests.WebSockets;

/// <summary>A server on Kestrel with a WebSocket endpoint, whose ticks a test drives, with the limit of 5 and questions after 2. It echoes messages; "throw" makes it throw.</summary>
internal sealed class SocketHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ManualTickSource _ticks;
    private readonly ConcurrentQueue<PresenceChange> _changes = new();

    private SocketHost(WebApplication app, ManualTickSource ticks)
    {
        (_app, _ticks) = (app, ticks);
        Tracker = app.Services.GetRequiredService<IPresenceTracker>();
        Tracker.OnChange(PresenceChanges.All, change =>
        {
            _changes.Enqueue(change);
            return ValueTask.CompletedTask;
        });
    }

    public IPresenceTracker Tracker { get; }

    public Prober Prober => _app.Services.GetRequiredService<Prober>();

    public string Url => _app.Urls.First();

    /// <summary>What was told of sessions' ends.</summary>
    public IEnumerable<PresenceChanges> Ends => _changes.Select(change => change.Kind).Where(kind => PresenceChanges.Ended.HasFlag(kind));

    public static async Task<SocketHost> StartAsync(Action<WebSocketPresenceOptions>? configure = null)
    {
        var ticks = new ManualTickSource();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ITickSource>(ticks);
        builder.Services.AddPresence().AddWebSockets(configure);
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPresenceWebSocket("/ws", Join, EchoAsync);
        await app.StartAsync();
        return new SocketHost(app, ticks);
    }

    public async Task<ClientWebSocket> ConnectAsync(string user)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"{Url.Replace("http", "ws", StringComparison.Ordinal)}/ws?user={user}"), default);
        return socket;
    }

    public async Task TickAsync(int ticks = 1)
    {
        for (int i = 0; i < ticks; i++)
        {
            _ticks.Advance();
            await Wait.UntilAsync(() => !Prober.IsAsking, "the questions of a tick");
        }
    }

    public Task OnlineAsync(int count) => Wait.UntilAsync(() => Tracker.OnlineCount == count, () => $"{count} online and not {Tracker.OnlineCount}", Wait.Limit);

    public Task EndedAsync(PresenceChanges kind) => Wait.UntilAsync(() => Ends.Contains(kind), () => $"{kind}; told were {string.Join(", ", Ends)}", Wait.Limit);

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static ValueTask<PresenceJoin?> Join(HttpContext context) =>
        new(context.Request.Query["user"].ToString() is { Length: > 0 } user ? new PresenceJoin(user, new JoinOptions { Groups = ["all"] }) : null);

    private static async ValueTask EchoAsync(SocketMessage message)
    {
        if (Encoding.UTF8.GetString(message.Content.Span) == "throw")
        {
            throw new InvalidOperationException("As asked.");
        }

        await message.Socket.SendAsync(message.Content, message.Type);
    }
}
