using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Presence.AspNetCore.Tests.SignalR;

namespace Presence.AspNetCore.Tests.Processes;

/// <summary>Many connections at once.</summary>
[TestFixture]
public sealed class CrowdTests
{
    private static readonly int Clients = TestScale.Of(200, 5_000);

    [Test]
    public async Task Server_ThatIsKilledAndStartedAgain_HasEachClientInOneSession()
    {
        using ServerProcess server = await ServerProcess.StartAsync();
        HubConnection[] clients = [.. Enumerable.Range(0, Clients).Select(i => Client($"http://127.0.0.1:{server.Port}", i))];
        try
        {
            await StormAsync(clients);
            Assert.That(await server.OnlineAsync(), Is.EqualTo(Clients));
            await server.KillAsync();

            using ServerProcess again = await ServerProcess.StartAsync(server.Port);
            await Wait.UntilAsync(() => clients.All(client => client.State == HubConnectionState.Connected), () => $"{clients.Count(client => client.State == HubConnectionState.Connected)} connections again", Wait.Limit * 3);
            await Task.WhenAll(clients.Select(client => client.InvokeAsync<string?>("WhoAmI")));
            await Task.Delay(TimeSpan.FromSeconds(7)); // in which a client that does not answer would expire

            Assert.That(await again.OnlineAsync(), Is.EqualTo(Clients));
            Assert.That(again.Lines.Where(line => line.StartsWith("Occupied", StringComparison.Ordinal)).Distinct().Count(), Is.EqualTo(Clients));
            Assert.That(again.Lines.Where(line => line.StartsWith("Expired", StringComparison.Ordinal) || line.StartsWith("Vacated", StringComparison.Ordinal)), Is.Empty);
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    [Test]
    public async Task Connections_ThatCameAndWent_LeaveNothing()
    {
        await using HubHost host = await HubHost.StartAsync();
        HubConnection[] clients = [.. Enumerable.Range(0, Clients).Select(i => Client(host.Url, i))];
        await StormAsync(clients);
        await host.OnlineAsync(Clients);
        await host.PassAsync(4);

        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));

        await host.OnlineAsync(0);
        await Wait.UntilAsync(() => host.Prober.Count == 0, "nobody to be asked");
        await host.ToldAsync(PresenceChanges.Vacated, Clients);
        Assert.That(host.Changes.Count(change => change.Kind == PresenceChanges.Expired), Is.Zero);
    }

    private static async Task StormAsync(HubConnection[] clients)
    {
        foreach (HubConnection[] wave in clients.Chunk(500)) // as many as a queue of the system for new connections takes
        {
            await Task.WhenAll(wave.Select(client => client.StartAsync()));
        }
    }

    private static HubConnection Client(string url, int number) => new HubConnectionBuilder()
        .WithUrl($"{url}/hub?user=user{number}", HttpTransportType.WebSockets, static options => options.SkipNegotiation = true) // one socket each, of those that a process may have
        .WithAutomaticReconnect(new Retry())
        .Build();

    /// <summary>For as long as it takes, and not all at once.</summary>
    private sealed class Retry : IRetryPolicy
    {
        public TimeSpan? NextRetryDelay(RetryContext retryContext) => TimeSpan.FromMilliseconds(Random.Shared.Next(100, 1_000));
    }
}
