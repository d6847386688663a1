// Two servers that are one presence, by the packed Presence.Redis; the argument is the store's endpoint.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Presence;
using Presence.Redis;

using IHost here = await StartServerAsync("here");
using IHost there = await StartServerAsync("there");
var tracker = here.Services.GetRequiredService<PresenceTracker>();
var cluster = here.Services.GetRequiredService<IPresenceCluster>();
var replaced = new TaskCompletionSource<string>();
using IDisposable registration = tracker.OnChange(PresenceChanges.Replaced, change =>
{
    replaced.SetResult(change.ClientId);
    return ValueTask.CompletedTask;
});

SessionId session = tracker.Join("zhangsan").Session;
long? token = await cluster.WhenPublishedAsync("zhangsan", session);
ClusterClient? found = await there.Services.GetRequiredService<IPresenceCluster>().FindAsync("zhangsan");
there.Services.GetRequiredService<PresenceTracker>().Join("zhangsan");
string told = await replaced.Task.WaitAsync(TimeSpan.FromSeconds(10));

Console.WriteLine($"token {token}; found on {found?.Server}; {told} replaced; {tracker.OnlineCount} left here; {await cluster.CountAsync()} online");
bool isRight = token is not null && found?.Server == "here" && told == "zhangsan" && tracker.OnlineCount == 0 && await cluster.CountAsync() == 1;
await Task.WhenAll(here.StopAsync(), there.StopAsync());
return isRight ? 0 : 1;

async Task<IHost> StartServerAsync(string name)
{
    HostApplicationBuilder builder = Host.CreateApplicationBuilder();
    builder.Services.AddPresence().AddRedis(args[0], options => options.ServerName = name);
    IHost host = builder.Build();
    await host.StartAsync();
    return host;
}
