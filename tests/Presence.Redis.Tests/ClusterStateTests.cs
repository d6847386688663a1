using System.Text;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

/// <summary>What all servers see of a session's state.</summary>
[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ClusterStateTests(StoreKind kind) : ServersFixture(kind)
{
    [Test]
    public async Task Join_WithAState_IsSeenByAllWhateverAsks()
    {
        TestServer a = await StartAsync("a", Publish), b = await StartAsync("b");

        await JoinAsync(a, "ann", "phone", "room");

        var read = new List<ClusterClient?>
        {
            await b.Cluster.FindAsync("ann"),
            (await b.Cluster.FindManyAsync(["ann"]))["ann"],
            await b.Cluster.ReadClientsAsync().SingleAsync(),
            await b.Cluster.Groups.ReadMembersAsync("room").SingleAsync(),
        };
        Assert.That(read.Select(TextOf), Is.All.EqualTo("phone"));
        await b.JoinAsync("bob");
        Assert.That((await a.Cluster.FindAsync("bob"))?.State.IsEmpty, Is.True, "b publishes none");
    }

    [Test]
    public async Task SetState_Later_IsSeenAsTheSameSession()
    {
        TestServer a = await StartAsync("a", Publish), b = await StartAsync("b");
        SessionId session = await JoinAsync(a, "ann", "here", "room");
        long? token = (await b.Cluster.FindAsync("ann"))?.FencingToken;

        a.Tracker.SetState(session, "away"u8.ToArray());

        await Eventually.Is(async () => TextOf(await b.Cluster.FindAsync("ann")) == "away", "the state is another");
        Assert.That((await b.Cluster.FindAsync("ann"))?.FencingToken, Is.EqualTo(token));
        Assert.That(await b.Cluster.Groups.CountAsync("room"), Is.EqualTo(1));
        a.Tracker.Groups.Update(session, "room", "typing"u8.ToArray());
        a.Tracker.SetState(session, null);
        await Eventually.Is(async () => (await b.Cluster.FindAsync("ann"))?.State.IsEmpty == true, "there is none any more");
    }

    [Test]
    public async Task State_OfAnyBytes_IsKeptAlsoInItsGrace()
    {
        TestServer a = await StartAsync("a", Publish), b = await StartAsync("b", options => options.Grace = TimeSpan.FromMinutes(1));
        byte[] state = [.. Enumerable.Range(0, RedisPresenceOptions.MaxState).Select(i => (byte)i)];
        SessionId session = a.Tracker.Join("ann", new JoinOptions { State = state, Groups = ["room"] }).Session;
        await a.Cluster.WhenPublishedAsync("ann", session).WaitAsync(TestServer.Patience);
        a.Die();

        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true }, "b has claimed ann");

        Assert.That((await b.Cluster.FindAsync("ann"))?.State.ToArray(), Is.EqualTo(state));
        Assert.That(await b.Cluster.Groups.CountAsync("room"), Is.EqualTo(1));
    }

    [TestCase(257, 223)]
    [TestCase(-1, 222, Description = "the host's code throws")]
    public async Task State_ThatCannotBeHad_IsNoneAndLogged(int length, int logged)
    {
        TestServer a = await StartAsync("a", options => options.PublishedState = _ => new byte[length]);

        await a.JoinAsync("ann", "room");

        Assert.That((await a.Cluster.FindAsync("ann"))?.State.IsEmpty, Is.True);
        Assert.That(a.Log.Collector.GetSnapshot().Select(record => record.Id.Id), Has.Some.EqualTo(logged));
        Assert.That(await a.Cluster.Groups.CountAsync("room"), Is.EqualTo(1));
    }

    private static void Publish(RedisPresenceOptions options) => options.PublishedState = state => (byte[]?)state;

    private static string TextOf(ClusterClient? client) => Encoding.UTF8.GetString((client?.State ?? default).Span);

    private static async Task<SessionId> JoinAsync(TestServer server, string clientId, string state, params string[] groups)
    {
        SessionId session = server.Tracker.Join(clientId, new JoinOptions { State = Encoding.UTF8.GetBytes(state), Groups = groups }).Session;
        Assert.That(await server.Cluster.WhenPublishedAsync(clientId, session).WaitAsync(TestServer.Patience), Is.Positive);
        return session;
    }
}
