using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

/// <summary>A server comes back to the store whose client was elsewhere meanwhile, and is there no more.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ReturnTests(StoreKind kind) : ServersFixture(kind)
{
    [TestCase(1.5, Description = "it has lost its lease")]
    [TestCase(60, Description = "it has its lease")]
    public async Task SessionWasReplacedByOneThatHasEnded_EndsAsReplaced(double lease)
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromSeconds(lease), Cable), b = await StartAsync("b");
        await a.JoinAsync("ann");
        await a.JoinAsync("bob");
        Cable.Cut();
        (SessionId newer, _) = await b.JoinAsync("ann");
        b.Tracker.Leave(newer);
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is null, "ann has left b");
        if (lease < 2)
        {
            await Eventually.Is(() => b.ToldOf("bob").Contains(PresenceChanges.ServerLost), "a is dead to b");
        }

        Cable.Mend();

        await Eventually.Is(() => a.ToldOf("ann").SequenceEqual([PresenceChanges.Joined, PresenceChanges.Replaced]), "a has ended ann's old session");
        await a.JoinAsync("eve"); // was published after whatever became of ann
        Assert.That(await b.Cluster.FindAsync("ann"), Is.Null);
        Assert.That(a.ToldOf("bob"), Is.EqualTo([PresenceChanges.Joined]));
    }

    [Test]
    public async Task SessionThatWasNeverPublished_LaterOneCameAndWent_HasTheSmallerToken()
    {
        TestServer a = await StartAsync("a", options => options.Lease = TimeSpan.FromMinutes(1), Cable), b = await StartAsync("b");
        Cable.Cut();
        SessionId older = a.Tracker.Join("ann").Session;
        await Task.Delay(500); // far longer than a server can be wrong about the store's clock, by which the two are compared
        (SessionId newer, long token) = await b.JoinAsync("ann");
        b.Tracker.Leave(newer);
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is null, "ann has left b");

        Cable.Mend();

        Assert.That(await a.Cluster.WhenPublishedAsync("ann", older).WaitAsync(TestServer.Patience), Is.Positive.And.LessThan(token));
    }
}
