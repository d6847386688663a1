using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR.Client;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>Who is told that a user came and went.</summary>
[TestFixture]
public sealed class EdgeTests
{
    private static readonly string[] ComingAndGoing = ["user:lisi True", "user:lisi False"];

    [TestCase(true)]
    [TestCase(false)]
    public async Task Edges_OfAUserWithTwoTabs_AreToldOnceToTheirAudience(bool toAll)
    {
        await using HubHost host = await HubHost.StartAsync(options => options.Audience = _ => toAll ? EdgeAudience.All : EdgeAudience.Group("watchers"));
        await using HubConnection watcher = host.Client("zhangsan");
        await using HubConnection stranger = host.Client("wangwu");
        ConcurrentQueue<string> seen = Listen(watcher), overheard = Listen(stranger);
        await stranger.StartAsync();
        await watcher.StartAsync();
        await watcher.InvokeAsync("Watch");

        await ComeAndGoAsync(host);

        await Wait.UntilAsync(() => seen.Contains(ComingAndGoing[1]), "word that he is gone");
        Assert.That(seen.Where(edge => edge.Contains("lisi", StringComparison.Ordinal)), Is.EqualTo(ComingAndGoing));
        if (toAll)
        {
            await Wait.UntilAsync(() => overheard.Contains(ComingAndGoing[1]), "word to all");
        }
        else
        {
            await stranger.InvokeAsync<string>("Session"); // what was sent to him before came before the answer
            Assert.That(overheard, Is.Empty);
        }
    }

    [Test]
    public async Task Edges_OfAGroupWithoutAudience_AreToldToNobody()
    {
        await using HubHost host = await HubHost.StartAsync(options => options.Audience = group => group == "user:lisi" ? null : EdgeAudience.All);
        await using HubConnection watcher = host.Client("zhangsan");
        ConcurrentQueue<string> seen = Listen(watcher);
        await watcher.StartAsync();

        await ComeAndGoAsync(host);
        await using HubConnection other = host.Client("wangwu");
        await other.StartAsync();

        await Wait.UntilAsync(() => seen.Contains("user:wangwu True"), "word of another");
        Assert.That(seen, Does.Not.Contain(ComingAndGoing[0]).And.Not.Contain(ComingAndGoing[1]));
    }

    private static async Task ComeAndGoAsync(HubHost host)
    {
        await using HubConnection first = host.Client("lisi");
        await using HubConnection second = host.Client("lisi");
        await first.StartAsync();
        await second.StartAsync();
        await Wait.UntilAsync(() => host.Tracker.Groups.Count("user:lisi") == 2, "two tabs");
        await first.StopAsync();
        await second.StopAsync();
        await host.ToldAsync(PresenceChanges.Vacated);
    }

    private static ConcurrentQueue<string> Listen(HubConnection client)
    {
        var seen = new ConcurrentQueue<string>();
        client.On<string, bool>(SignalRPresenceOptions.EdgeMethod, (group, isOccupied) => seen.Enqueue($"{group} {isOccupied}"));
        return seen;
    }
}
