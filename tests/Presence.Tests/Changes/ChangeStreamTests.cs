using Presence.Changes;

namespace Presence.Tests.Changes;

[TestFixture]
public sealed class ChangeStreamTests
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

    [Test]
    public async Task ReadChanges_FromTheCallOn_ReadsWhatWasAskedForUntilTheTrackerIsDisposed()
    {
        _tracker.Join("before");
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(PresenceChanges.Joined | PresenceChanges.Ended);
        _tracker.Join("a");
        _tracker.Join("a");
        _tracker.Leave("a");
        _tracker.Dispose();

        List<(PresenceChanges, string)> read = [];
        await foreach (PresenceChange change in changes)
        {
            read.Add((change.Kind, change.ClientId));
        }

        Assert.That(read, Is.EqualTo(new[]
        {
            (PresenceChanges.Joined, "a"), (PresenceChanges.Replaced, "a"), (PresenceChanges.Joined, "a"), (PresenceChanges.Left, "a"), (PresenceChanges.Shutdown, "before"),
        }));
    }

    [TestCase(3, false)]
    [TestCase(4, true)]
    public async Task ReadChanges_ByAReaderThatFellBehindItsCapacity_ReadsWhatWasKeptAndThenThrows(int joins, bool throws)
    {
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(PresenceChanges.Joined, capacity: 3);
        for (int client = 0; client < joins; client++)
        {
            _tracker.Join($"client {client}");
        }

        _tracker.Dispose();
        int read = 0;
        ChangesLostException? lost = null;
        try
        {
            await foreach (PresenceChange _ in changes)
            {
                read++;
            }
        }
        catch (ChangesLostException exception)
        {
            lost = exception;
        }

        Assert.That((read, lost is not null), Is.EqualTo((3, throws)));
    }

    [Test]
    public async Task ReadChanges_WithAnotherReaderThatNeverReads_GoesOn()
    {
        _tracker.ReadChanges(PresenceChanges.All, capacity: 1);
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(PresenceChanges.Joined);
        for (int client = 0; client < 100; client++)
        {
            _tracker.Join($"client {client}");
        }

        _tracker.Dispose();

        Assert.That(await changes.CountAsync(), Is.EqualTo(100));
    }

    [Test]
    public async Task ReadChanges_WhenCancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<PresenceChange> reader = _tracker.ReadChanges(PresenceChanges.All).GetAsyncEnumerator(cancellation.Token);
        ValueTask<bool> next = reader.MoveNextAsync();
        await cancellation.CancelAsync();

        Assert.That(async () => await next, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void TryRead_ByALoop_TakesWhatHappenedInOrderAndNeverWaits()
    {
        using IChangeReader changes = _tracker.ReadChanges(PresenceChanges.Joined | PresenceChanges.Ended);
        Assert.That(changes.TryRead(out _), Is.False);
        _tracker.Join("a");
        _tracker.Leave("a");
        _tracker.Join("b");
        _tracker.Dispose();

        var read = new List<(PresenceChanges, string)>();
        while (changes.TryRead(out PresenceChange change))
        {
            read.Add((change.Kind, change.ClientId));
        }

        Assert.That(read, Is.EqualTo(new[]
        {
            (PresenceChanges.Joined, "a"), (PresenceChanges.Left, "a"), (PresenceChanges.Joined, "b"), (PresenceChanges.Shutdown, "b"),
        }));
    }

    [Test]
    public void TryRead_ByALoopThatFellBehind_TakesWhatWasKeptAndThenThrows()
    {
        using IChangeReader changes = _tracker.ReadChanges(PresenceChanges.Joined, capacity: 1);
        _tracker.Join("a");
        _tracker.Join("b");

        Assert.That(changes.TryRead(out PresenceChange change) ? change.ClientId : "", Is.EqualTo("a"));
        Assert.That(() => changes.TryRead(out _), Throws.InstanceOf<ChangesLostException>());
    }

    [Test]
    public void Dispose_OfAStream_EndsIt()
    {
        IChangeReader changes = _tracker.ReadChanges(PresenceChanges.Joined);
        changes.Dispose();
        _tracker.Join("a");

        Assert.That(changes.TryRead(out _), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void ReadChanges_ByNobodyAnyMore_KeepsNothing(bool hasRead)
    {
        Assert.That(Unreachable.IsGone(Unreachable.Made(() => Abandon(hasRead))), "the stream");
        Assert.That(Unreachable.IsGone(Unreachable.Made(JoinAndLeave)), "what happened since");
    }

    [Test]
    public async Task ReadChanges_ByAReaderThatOnlyWaits_IsNotTakenForAbandoned()
    {
        Task<string> read = ReadOneAsync();
        Assert.That(Unreachable.IsGone(Unreachable.Made(() => new object())), "a collection");

        _tracker.Join("a");

        Assert.That(await read.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo("a"));

        async Task<string> ReadOneAsync()
        {
            await foreach (PresenceChange change in _tracker.ReadChanges(PresenceChanges.Joined))
            {
                return change.ClientId;
            }

            return "";
        }
    }

    [Test]
    public void ReadChanges_OfNothingOrWithoutRoom_Throws()
    {
        Assert.That(() => _tracker.ReadChanges(PresenceChanges.None), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _tracker.ReadChanges(PresenceChanges.All, capacity: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Stream_ThatIsAddedAfterTheOthersWereCompleted_EndsAtOnce()
    {
        var streams = new ChangeStreams();
        streams.Complete();

        ValueTask<bool> next = streams.Read(PresenceChanges.All, 1).GetAsyncEnumerator().MoveNextAsync();

        Assert.That((next.IsCompleted, next.IsCompleted && next.Result), Is.EqualTo((true, false)));
    }

    private IAsyncEnumerable<PresenceChange> Abandon(bool hasRead)
    {
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(PresenceChanges.Joined);
        if (hasRead)
        {
            _tracker.Join("read");
            Assert.That(changes.GetAsyncEnumerator().MoveNextAsync().AsTask().Result, Is.True);
        }

        return changes;
    }

    private object JoinAndLeave()
    {
        object state = new();
        _tracker.Leave(_tracker.Join("a", state).Session);
        return state;
    }
}
