namespace Presence.Tests.Watch;

[TestFixture]
public sealed class WatchTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [TestCase(null)]
    [TestCase("room")]
    public void Watch_ByNobodyAnyMore_KeepsNothing(string? group)
    {
        Assert.That(Unreachable.IsGone(Unreachable.Made(() => Abandon(group))), "the watch");
        Assert.That(Unreachable.IsGone(Unreachable.Made(JoinAndLeave)), "what happened since");

        object JoinAndLeave()
        {
            object state = new();
            _tracker.Join("b", new JoinOptions { State = state, Groups = ["room"] });
            _tracker.Leave("b");
            _tracker.WhenCallbacksDoneAsync().GetAwaiter().GetResult();
            return state;
        }
    }

    [Test]
    public async Task Watch_OfAGroup_HasWhoIsThereAndThenWhatChanges()
    {
        SessionId a = Join("a", "typing");
        Join("stranger");
        await using IAsyncEnumerator<WatchEvent> watch = _tracker.Groups.Watch("room").GetAsyncEnumerator();
        Assert.That(await NextAsync(watch), Is.EqualTo("Present a typing"));

        Task<string> waiting = NextAsync(watch);
        Assert.That(waiting.IsCompleted, Is.False);
        SessionId b = Join("b", null);
        Assert.That(await waiting, Is.EqualTo("Entered b"));
        _tracker.Groups.Update(b, "room", "typing");
        Assert.That(await NextAsync(watch), Is.EqualTo("Updated b typing"));
        _tracker.Groups.Leave(a, "room");
        Assert.That(await NextAsync(watch), Is.EqualTo("Left a typing"));
        _ticks.Advance(6);
        Assert.That(await NextAsync(watch), Is.EqualTo("Left b typing"));
        await _tracker.DisposeAsync();
        Assert.That(await watch.MoveNextAsync(), Is.False);
    }

    [Test]
    public async Task Watch_OfAllClients_HasWhoIsThereAndThenWhatChanges()
    {
        _tracker.Join("a");
        await using IAsyncEnumerator<WatchEvent> watch = _tracker.Watch().GetAsyncEnumerator();
        Assert.That(await NextAsync(watch), Is.EqualTo("Present a"));
        _tracker.Join("a");
        string[] replaced = [await NextAsync(watch), await NextAsync(watch)];
        Assert.That(replaced, Is.EqualTo(new[] { "Left a", "Entered a" }));
        await _tracker.DisposeAsync();
        Assert.That(await NextAsync(watch), Is.EqualTo("Left a"));
        Assert.That(await watch.MoveNextAsync(), Is.False);
    }

    [Test]
    public async Task Watch_OfAReaderThatFellBehind_StartsAnew([Values] bool ofGroup)
    {
        await using IAsyncEnumerator<WatchEvent> watch = (ofGroup ? _tracker.Groups.Watch("room", capacity: 3) : _tracker.Watch(capacity: 3)).GetAsyncEnumerator();
        Task<string> first = NextAsync(watch);
        for (int i = 0; i < 10; i++)
        {
            Join($"client {i}", null);
        }

        var seen = new List<string> { await first };
        while (seen[^1] != "Reset")
        {
            seen.Add(await NextAsync(watch));
        }

        Assert.That(seen.Count, Is.LessThanOrEqualTo(6));
        var present = new List<string>();
        for (int i = 0; i < 10; i++)
        {
            present.Add(await NextAsync(watch));
        }

        Assert.That(present, Is.EquivalentTo(Enumerable.Range(0, 10).Select(i => $"Present client {i}")));
    }

    [Test]
    public void Watch_WhenItIsCancelled_EndsAndIsWrittenToNoMore([Values] bool ofGroup)
    {
        using var cancellation = new CancellationTokenSource();
        IAsyncEnumerator<WatchEvent> watch = (ofGroup ? _tracker.Groups.Watch("room") : _tracker.Watch()).GetAsyncEnumerator(cancellation.Token);
        ValueTask<bool> next = watch.MoveNextAsync();
        cancellation.Cancel();
        Assert.That(async () => await next, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Watch_WithoutRoom_Throws() => Assert.Multiple(() =>
    {
        Assert.That(() => _tracker.Watch(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _tracker.Groups.Watch("room", 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    });

    /// <summary>Whenever a watch begins while clients come and go: what it says, applied one by one, is what is, and no step of it is impossible.</summary>
    [Test]
    public async Task Watch_BegunWhileEverythingChanges_MissesAndDoublesNothing([Values] bool ofGroup, [Values(8, 100_000)] int capacity)
    {
        bool isDone = false;
        Task[] changing = [.. Enumerable.Range(0, 2).Select(seed => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed);
                while (!Volatile.Read(ref isDone))
                {
                    string clientId = $"client {random.Next(30)}";
                    switch (random.Next(4))
                    {
                        case 0:
                            _tracker.Leave(clientId);
                            break;
                        case 1 when _tracker.TryGetClient(clientId, out ClientStatus status):
                            _tracker.Groups.Update(status.Session, "room", random.Next());
                            break;
                        default:
                            Join(clientId, random.Next());
                            break;
                    }
                }
            },
            TaskCreationOptions.LongRunning))];
        for (int round = 0; round < TestScale.Of(30, 600); round++)
        {
            var there = new Dictionary<SessionId, object?>();
            int steps = 0;
            await foreach (WatchEvent step in ofGroup ? _tracker.Groups.Watch("room", capacity) : _tracker.Watch(capacity))
            {
                bool isPossible = step.Kind switch
                {
                    WatchEventKind.Present or WatchEventKind.Entered => there.TryAdd(step.Client.Session, step.GroupState),
                    WatchEventKind.Updated => there.ContainsKey(step.Client.Session),
                    WatchEventKind.Left => there.Remove(step.Client.Session),
                    _ => true,
                };
                if (step.Kind == WatchEventKind.Reset)
                {
                    there.Clear();
                }

                if (!isPossible)
                {
                    Volatile.Write(ref isDone, true);
                    Assert.Fail($"{step} in step {steps} of round {round}");
                }

                if (++steps == 300)
                {
                    break;
                }
            }
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(changing);
        HashSet<SessionId> now = [.. ofGroup ? _tracker.Groups.Members("room").Select(member => member.Client.Session) : _tracker.Snapshot().Select(client => client.Session)];
        var watched = new HashSet<SessionId>();
        await using IAsyncEnumerator<WatchEvent> last = (ofGroup ? _tracker.Groups.Watch("room") : _tracker.Watch()).GetAsyncEnumerator();
        for (int i = 0; i < now.Count; i++)
        {
            Assert.That(await last.MoveNextAsync());
            watched.Add(last.Current.Client.Session);
        }

        Assert.That(watched, Is.EquivalentTo(now));
    }

    private SessionId Join(string clientId, object? state)
    {
        SessionId session = _tracker.Join(clientId).Session;
        _tracker.Groups.Enter(session, clientId == "stranger" ? "elsewhere" : "room", state);
        return session;
    }

    private SessionId Join(string clientId) => Join(clientId, null);

    private static async Task<string> NextAsync(IAsyncEnumerator<WatchEvent> watch)
    {
        Assert.That(await watch.MoveNextAsync());
        return $"{watch.Current.Kind} {watch.Current.Client.ClientId} {watch.Current.GroupState}".TrimEnd();
    }

    private IAsyncEnumerator<WatchEvent> Abandon(string? group)
    {
        _tracker.Join("a", new JoinOptions { Groups = ["room"] });
        IAsyncEnumerator<WatchEvent> watch = (group is null ? _tracker.Watch() : _tracker.Groups.Watch(group)).GetAsyncEnumerator();
        Assert.That(watch.MoveNextAsync().AsTask().Result, Is.True);
        return watch;
    }
}
