using System.Collections.Concurrent;
using System.Text;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests;

[TestFixture(StoreKind.Garnet)]
[TestFixture(StoreKind.Redis, Category = "BeyondSdk")]
public class ClientMessagesTests(StoreKind kind) : ServersFixture(kind)
{
    [Test]
    public async Task SendAsync_ClientOfAnotherServer_IsDeliveredThereInOrder()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        (SessionId session, _) = await b.JoinAsync("ann \ud83d");
        var received = new ConcurrentQueue<ClusterMessage>();
        using IDisposable registration = b.Cluster.OnMessage(message =>
        {
            received.Enqueue(message);
            return ValueTask.CompletedTask;
        });

        for (int i = 0; i < 100; i++)
        {
            Assert.That(await a.Cluster.SendAsync("ann \ud83d", Encoding.UTF8.GetBytes($"{i}")));
        }

        await Eventually.Is(() => received.Count == 100, "all have come");
        Assert.That(received.Select(message => Encoding.UTF8.GetString(message.Content.Span)), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i}")));
        Assert.That(received.All(message => message is { ClientId: "ann \ud83d", State: "ann \ud83d" } && message.Session == session));
    }

    [Test]
    public async Task SendAsync_LargestMessage_IsDeliveredWhole()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await b.JoinAsync("ann");
        var received = new TaskCompletionSource<byte[]>();
        using IDisposable registration = b.Cluster.OnMessage(message =>
        {
            received.SetResult(message.Content.ToArray());
            return ValueTask.CompletedTask;
        });
        byte[] content = new byte[65_536];
        Random.Shared.NextBytes(content);

        await a.Cluster.SendAsync("ann", content);

        Assert.That(await received.Task.WaitAsync(TestServer.Patience), Is.EqualTo(content));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => a.Cluster.SendAsync("ann", new byte[65_537]));
    }

    [Test]
    public async Task SendAsync_ClientThatIsNowhereOrInItsGrace_IsFalse()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b", options => options.Grace = TimeSpan.FromMinutes(1));
        await a.JoinAsync("ann");
        a.Die();
        await Eventually.Is(async () => await b.Cluster.FindAsync("ann") is { IsInGrace: true }, "ann is in her grace");

        Assert.That(await b.Cluster.SendAsync("ann", new byte[1]), Is.False);
        Assert.That(await b.Cluster.SendAsync("nobody", new byte[1]), Is.False);
    }

    [Test]
    public async Task OnMessage_CallbackThrows_OthersAndTheNextMessageAreServed()
    {
        TestServer a = await StartAsync("a");
        await a.JoinAsync("ann");
        int served = 0;
        using IDisposable throwing = a.Cluster.OnMessage(_ => throw new InvalidOperationException());
        using IDisposable counting = a.Cluster.OnMessage(_ =>
        {
            Interlocked.Increment(ref served);
            return ValueTask.CompletedTask;
        });

        await a.Cluster.SendAsync("ann", new byte[1]);
        await a.Cluster.SendAsync("ann", new byte[1]);

        await Eventually.Is(() => Volatile.Read(ref served) == 2, "both were served");
        Assert.That(a.Log.Collector.GetSnapshot().Count(record => record.Id.Id == 218), Is.EqualTo(2));
    }

    [Test]
    public async Task FindManyAsync_ClientsOnManyServers_FindsThoseThatAreOnline()
    {
        TestServer a = await StartAsync("a"), b = await StartAsync("b");
        await Task.WhenAll(Enumerable.Range(0, 2500).Select(i => (i % 2 == 0 ? a : b).JoinAsync($"client-{i}")));

        IReadOnlyDictionary<string, ClusterClient> found = await a.Cluster.FindManyAsync(Enumerable.Range(0, 3000).Select(i => $"client-{i}"));

        Assert.That(found, Has.Count.EqualTo(2500));
        Assert.That((found["client-2498"].Server, found["client-2499"].Server), Is.EqualTo(("a", "b")));
        Assert.That(await a.Cluster.FindManyAsync([]), Is.Empty);
    }
}
