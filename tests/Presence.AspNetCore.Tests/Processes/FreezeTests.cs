using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Presence.AspNetCore.Tests.Processes;

/// <summary>A server that stands still, with its clients alive.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "It has no SIGSTOP.")]
public sealed class FreezeTests
{
    /// <summary>Longer than the limit of 5 s; and as long as SignalR with its defaults cannot bear.</summary>
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(TestScale.Of(8, 40));

    private static readonly int Clients = TestScale.Of(20, 1_000);

    [Test]
    public async Task Server_ThatIsFrozen_LosesNobody()
    {
        using ServerProcess server = await ServerProcess.StartAsync();
        HubConnection[] clients = [.. Enumerable.Range(0, Clients).Select(i => Client(server, $"user{i}"))];
        try
        {
            await Task.WhenAll(clients.Select(client => client.StartAsync()));
            await Task.Delay(TimeSpan.FromSeconds(3)); // so that some have been asked, and some are just being asked

            await server.SignalAsync("STOP");
            await Task.Delay(Freeze);
            await server.SignalAsync("CONT");
            await Task.Delay(TimeSpan.FromSeconds(12)); // twice the time in which a client that does not answer expires

            string?[] served = await Task.WhenAll(clients.Select(client => client.InvokeAsync<string?>("WhoAmI"))).WaitAsync(Wait.Limit);
            Assert.That(served, Is.EqualTo(Enumerable.Range(0, Clients).Select(i => $"user{i}")));
            Assert.That(server.Lines.Where(line => line.StartsWith("Expired", StringComparison.Ordinal) || line.StartsWith("Vacated", StringComparison.Ordinal)), Is.Empty);
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    private static HubConnection Client(ServerProcess server, string user)
    {
        HubConnection client = new HubConnectionBuilder().WithUrl($"http://127.0.0.1:{server.Port}/hub?user={user}", HttpTransportType.WebSockets, static options => options.SkipNegotiation = true).Build();
        client.ServerTimeout = TimeSpan.FromMinutes(2); // the client's own judgement, which no server can take from it
        return client;
    }
}
