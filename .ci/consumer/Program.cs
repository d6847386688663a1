// What a user of the packages would write first; .ci/run builds it against the packed ones, also ahead of time.
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Presence;
using Presence.Udp;

var ticks = new ManualTickSource();
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Services.AddSingleton<ITickSource>(ticks);
builder.Services.AddPresence(options => options.ExpireAfter = 3).AddUdpHeartbeats(options => options.EndPoint = new IPEndPoint(IPAddress.Loopback, 0));
using IHost host = builder.Build();
await host.StartAsync();

var tracker = host.Services.GetRequiredService<PresenceTracker>();
var expired = new List<string>();
using IDisposable registration = tracker.OnClientExpired(change =>
{
    expired.Add(change.ClientId);
    return ValueTask.CompletedTask;
});
tracker.Join("dead");
SessionId session = tracker.Join("alive").Session;
byte[] key = host.Services.GetRequiredService<HeartbeatKeys>().Issue("alive", session)!;
ticks.Advance(3);

using var sender = new HeartbeatSender(
    new HeartbeatSenderOptions
    {
        Host = "127.0.0.1",
        Port = host.Services.GetRequiredService<UdpHeartbeatListener>().LocalEndPoint!.Port,
        Session = session.Value,
        Key = key,
        Interval = TimeSpan.FromMilliseconds(20),
        ExpireAfter = 3,
    },
    HeartbeatProbes.ThreadPool);
while (!tracker.TryGetClient("alive", out ClientStatus status) || status.Count > 0)
{
    await Task.Delay(10);
}

ticks.Advance();
await tracker.WhenCallbacksDoneAsync();
Console.WriteLine($"expired: {string.Join(", ", expired)}; online: {string.Join(", ", tracker.Snapshot().Select(client => client.ClientId))}");
bool isRight = expired is ["dead"] && tracker.OnlineCount == 1;
await host.StopAsync();
return isRight ? 0 : 1;
