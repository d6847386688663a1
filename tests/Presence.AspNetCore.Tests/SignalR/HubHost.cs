using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Presence.AspNetCore.Probing;
using Presence.AspNetCore.Tests.Server;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>A server on Kestrel with one hub, whose ticks a test drives, with the limit of 5 and questions after 2.</summary>
internal sealed class HubHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<PresenceChange> _changes = new();

    private HubHost(WebApplication app, ManualTickSource ticks)
    {
        _app = app;
        Ticks = ticks;
        Gate = app.Services.GetRequiredService<Gate>();
        Tracker = app.Services.GetRequiredService<IPresenceTracker>();
        Tracker.OnChange(PresenceChanges.All, change =>
        {
            _changes.Enqueue(change);
            return ValueTask.CompletedTask;
        });
    }

    public IPresenceTracker Tracker { get; }

    private ManualTickSource Ticks { get; }

    public Gate Gate { get; }

    public Prober Prober => _app.Services.GetRequiredService<Prober>();

    public IServiceProvider Services => _app.Services;

    /// <summary>The requests that are under way, with the WebSockets that they became.</summary>
    public ConcurrentDictionary<HttpContext, bool> Requests { get; } = new();

    public string Url => _app.Urls.First();

    /// <summary>What was told, in the order of a client or group.</summary>
    public IReadOnlyList<PresenceChange> Changes => [.. _changes];

    public static async Task<HubHost> StartAsync(Action<SignalRPresenceOptions>? configure = null, Action<IServiceCollection>? add = null)
    {
        var ticks = new ManualTickSource();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ITickSource>(ticks);
        builder.Services.AddSingleton<Gate>();
        builder.Services.AddSingleton<IUserIdProvider, QueryUser>();
        builder.Services.AddPresence();
        builder.Services.AddSignalR().AddMessagePackProtocol().AddPresence(options => options.Groups = connection => [$"user:{connection.UserIdentifier}"]).AddPresence(configure);
        add?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var host = new HubHost(app, ticks);
        app.Use(async (context, next) =>
        {
            host.Requests[context] = true;
            await next(context);
            host.Requests.TryRemove(context, out _);
        });
        app.MapHub<TestHub>("/hub", options => options.AllowStatefulReconnects = true);
        await app.StartAsync();
        return host;
    }

    public HubConnection Client(string user, Action<HubConnectionBuilder>? configure = null)
    {
        var builder = new HubConnectionBuilder();
        builder.WithUrl($"{Url}/hub?user={user}");
        configure?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Lets ticks pass, each when all who were asked before it have answered.</summary>
    public async Task PassAsync(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            await TickAsync();
            await AnsweredAsync();
        }
    }

    /// <summary>Lets ticks pass, each when those who are to be asked are, whoever answers.</summary>
    public async Task TickAsync(int ticks = 1)
    {
        for (int i = 0; i < ticks; i++)
        {
            Ticks.Advance();
            await Wait.UntilAsync(() => !Prober.IsAsking, "the questions of a tick");
        }
    }

    /// <summary>Waits for answers; not for those of clients that are heard from otherwise.</summary>
    public Task AnsweredAsync() => Wait.UntilAsync(() => !Prober.AwaitsAnswers || Tracker.Snapshot().All(client => client.Count < 2), "answers of all clients");

    public Task OnlineAsync(int count) => Wait.UntilAsync(() => Tracker.OnlineCount == count, () => $"{count} online and not {Tracker.OnlineCount}", Wait.Limit);

    public Task ToldAsync(PresenceChanges kind, int count = 1) =>
        Wait.UntilAsync(() => Changes.Count(change => change.Kind == kind) >= count, () => $"{count} {kind}; told were {string.Join(", ", Changes.Select(change => change.Kind))}", Wait.Limit);

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync()
    {
        Gate.Open();
        return _app.DisposeAsync();
    }
}
