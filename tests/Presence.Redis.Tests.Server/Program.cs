using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Presence;
using Presence.Redis;
using Presence.Redis.Tests.Server;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
ConfigurationManager settings = builder.Configuration;
builder.Logging.ClearProviders();
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace); // the standard output is for answers
builder.Services.AddPresence(presence =>
{
    presence.TickInterval = TimeSpan.FromMilliseconds(200);
    presence.ExpireAfter = 10;
    presence.MassExpiryShare = 1; // a test silences many clients at once, and means it
}).AddRedis(settings["store"]!, redis =>
{
    redis.KeyPrefix = settings["prefix"]!;
    redis.ServerName = settings["name"]!;
    redis.Lease = settings.GetValue<TimeSpan>("lease");
    redis.Grace = settings.GetValue<TimeSpan>("grace");
});
using IHost host = builder.Build();
using var log = new EventLog(settings["log"]!);
using var server = new Server(host.Services.GetRequiredService<PresenceTracker>(), host.Services.GetRequiredService<RedisPresenceCluster>(), log, settings.GetValue<int>("users"));
await host.StartAsync();
await server.RunAsync();
await host.StopAsync();
