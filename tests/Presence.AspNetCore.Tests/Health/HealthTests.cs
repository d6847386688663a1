using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Presence.AspNetCore.Tests.Health;

[TestFixture]
public sealed class HealthTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private ManualTickSource _ticks = null!;
    private FakeTimeProvider _clock = null!;
    private WebApplication _app = null!;

    private IPresenceTracker Tracker => _app.Services.GetRequiredService<IPresenceTracker>();

    [SetUp]
    public async Task StartAsync()
    {
        (_ticks, _clock) = (new ManualTickSource(), new FakeTimeProvider());
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ITickSource>(_ticks);
        builder.Services.AddKeyedSingleton<ITickSource>("other", new ManualTickSource());
        builder.Services.AddSingleton<TimeProvider>(_clock);

        builder.Services.AddPresence();
        builder.Services.AddKeyedPresence("other");
        builder.Services.AddHealthChecks().AddPresence().AddPresence("other", tags: ["other"]).AddPresence(name: "again", tags: ["other"]);

        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapHealthChecks("/health", new() { Predicate = check => check.Tags.Count == 0 });
        await _app.StartAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _app.DisposeAsync();

    [Test]
    public async Task Check_OfATrackerThatTicks_IsHealthyUntilItStops()
    {
        Tick(10);
        using var client = new HttpClient();
        HttpStatusCode ticking = (await client.GetAsync($"{_app.Urls.First()}/health")).StatusCode;
        _clock.Advance(3 * Interval);
        HealthReportEntry atTheBound = await CheckAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        HealthReportEntry stopped = await CheckAsync();
        HttpStatusCode told = (await client.GetAsync($"{_app.Urls.First()}/health")).StatusCode;
        Tick();

        Assert.That((atTheBound.Status, stopped.Status, (await CheckAsync()).Status), Is.EqualTo((HealthStatus.Healthy, HealthStatus.Unhealthy, HealthStatus.Healthy)));
        Assert.That(stopped.Description, Does.StartWith("No tick for 00:00:03.0010000"));
        Assert.That((ticking, told), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable)));
    }

    [Test]
    public async Task Check_WhileTicksAreWithheld_IsDegraded()
    {
        Tick();
        _ticks.AdvanceLate(TimeSpan.FromSeconds(2));
        Tick();
        HealthReportEntry late = await CheckAsync();
        Tick(4);
        HealthReportEntry over = await CheckAsync();
        using (Tracker.PauseExpiry())
        {
            Tick(10);
            Assert.That((await CheckAsync()).Description, Does.Contain("told to pause"));
        }

        Tick(4);
        Assert.That((late.Status, over.Status, (await CheckAsync()).Status), Is.EqualTo((HealthStatus.Degraded, HealthStatus.Healthy, HealthStatus.Healthy)));
    }

    [Test]
    public async Task Check_WhileExpiriesAreHeld_IsDegraded()
    {
        for (int i = 0; i < 20; i++)
        {
            Tracker.Join($"client {i}");
        }

        Tick(5);
        HealthReportEntry before = await CheckAsync();
        Tick(5);
        HealthReportEntry held = await CheckAsync();

        Assert.That((before.Status, held.Status), Is.EqualTo((HealthStatus.Healthy, HealthStatus.Degraded)));
        Assert.That(held.Description, Does.StartWith("Expiries are held"));
    }

    [Test]
    public async Task Check_WhileACallbackHangs_IsDegraded()
    {
        var hangs = new TaskCompletionSource();
        var runs = new TaskCompletionSource();
        Tracker.OnChange(PresenceChanges.Joined, _ =>
        {
            runs.TrySetResult();
            return new ValueTask(hangs.Task);
        });
        Tracker.Join("zhangsan");
        await runs.Task.WaitAsync(Wait.Limit);
        Tick(29);
        HealthReportEntry before = await CheckAsync();
        Tick();
        HealthReportEntry hung = await CheckAsync();
        hangs.SetResult();

        Assert.That((before.Status, hung.Status), Is.EqualTo((HealthStatus.Healthy, HealthStatus.Degraded)));
        Assert.That(hung.Description, Does.StartWith("A callback has not returned for 00:00:30"));
        await Wait.UntilAsync(() => CheckAsync().GetAwaiter().GetResult().Status == HealthStatus.Healthy, "health, when it has returned");
    }

    [Test]
    public async Task Check_OfAnotherTracker_IsItsOwn()
    {
        _clock.Advance(4 * Interval);
        Tick();

        Assert.That(((await CheckAsync()).Status, (await CheckAsync("presence:other")).Status, (await CheckAsync("again")).Status),
            Is.EqualTo((HealthStatus.Healthy, HealthStatus.Unhealthy, HealthStatus.Healthy)));
        Assert.That(_app.Services.GetServices<IHostedService>().Count(service => service is AspNetCore.Health.TrackerWatch), Is.EqualTo(2));
    }

    private void Tick(int ticks = 1)
    {
        for (int i = 0; i < ticks; i++)
        {
            _clock.Advance(Interval);
            _ticks.Advance();
        }
    }

    private async Task<HealthReportEntry> CheckAsync(string name = "presence") =>
        (await _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];
}
