using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Presence.AspNetCore.Http;

namespace Presence.AspNetCore.Tests.Http;

/// <summary>A server on Kestrel that takes heartbeats by HTTP, whose ticks and clock a test drives.</summary>
internal sealed class HeartbeatHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<PresenceChange> _changes = new();

    private HeartbeatHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Tracker.OnChange(PresenceChanges.Ended, change =>
        {
            _changes.Enqueue(change);
            return ValueTask.CompletedTask;
        });
    }

    public HttpClient Client { get; }

    public IPresenceTracker Tracker => _app.Services.GetRequiredService<IPresenceTracker>();

    public TokenSessions Tokens => _app.Services.GetRequiredService<TokenSessions>();

    public ManualTickSource Ticks => (ManualTickSource)_app.Services.GetRequiredService<ITickSource>();

    public FakeTimeProvider Clock => (FakeTimeProvider)_app.Services.GetRequiredService<TimeProvider>();

    public IEnumerable<PresenceChanges> Ends => _changes.Select(change => change.Kind);

    public static async Task<HeartbeatHost> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ITickSource>(new ManualTickSource());
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        builder.Services.AddPresence().AddHttpHeartbeats();
        builder.Services.AddOpenApi();
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapOpenApi();
        app.MapHeartbeats("/heartbeats", context => ValueTask.FromResult(
            context.Request.Headers["X-Device"].ToString() is { Length: > 0 } device ? new PresenceJoin(device, new JoinOptions { ExpireAfter = 9 }) : null));
        await app.StartAsync();
        return new HeartbeatHost(app);
    }

    /// <summary>Logs in, and returns the token.</summary>
    public async Task<string> LogInAsync(string device)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/heartbeats") { Headers = { { "X-Device", device } } };
        using HttpResponseMessage response = await Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using JsonDocument ticket = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return ticket.RootElement.GetProperty("token").GetString()!;
    }

    public Task<HttpStatusCode> BeatAsync(string token) => SendAsync(HttpMethod.Post, "/heartbeats/beat", token);

    public Task<HttpStatusCode> LeaveAsync(string token) => SendAsync(HttpMethod.Delete, "/heartbeats", token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, string token)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using HttpResponseMessage response = await Client.SendAsync(request);
        return response.StatusCode;
    }
}
