// What a user of the package would write first; .ci/run builds it against the packed package, also ahead of time.
using Microsoft.Extensions.DependencyInjection;
using Presence;

var ticks = new ManualTickSource();
await using ServiceProvider services = new ServiceCollection()
    .AddSingleton<ITickSource>(ticks)
    .AddPresence(options => options.ExpireAfter = 3)
    .BuildServiceProvider();
var tracker = services.GetRequiredService<PresenceTracker>();
var expired = new List<string>();
using IDisposable registration = tracker.OnClientExpired(change =>
{
    expired.Add(change.ClientId);
    return ValueTask.CompletedTask;
});

tracker.Join("alive");
tracker.Join("dead");
for (int tick = 0; tick < 4; tick++)
{
    tracker.Heartbeat("alive");
    ticks.Advance();
}

await tracker.WhenCallbacksDoneAsync();
Console.WriteLine($"expired: {string.Join(", ", expired)}; online: {string.Join(", ", tracker.Snapshot().Select(client => client.ClientId))}");
return expired is ["dead"] && tracker.OnlineCount == 1 ? 0 : 1;
