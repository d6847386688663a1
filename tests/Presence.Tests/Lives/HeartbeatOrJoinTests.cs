namespace Presence.Tests.Lives;

[TestFixture]
public sealed class HeartbeatOrJoinTests
{
    private static readonly JoinOptions Options = new() { State = "device", ExpireAfter = 3 };

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
    public void HeartbeatOrJoin_OfAClientThatIsOffline_Joins()
    {
        Assert.That(_tracker.HeartbeatOrJoin("sensor 7", out SessionId joined, Options), Is.True);
        Assert.That(
            _tracker.TryGetClient("sensor 7", out ClientStatus status) ? (status.Session, status.ExpireAfter, status.State) : default, Is.EqualTo((joined, 3, "device")));
    }

    [Test]
    public void HeartbeatOrJoin_OfAClientThatIsOnline_Beats()
    {
        SessionId session = _tracker.Join("sensor 7").Session;
        _ticks.Advance(5);

        Assert.That((_tracker.HeartbeatOrJoin("sensor 7", out SessionId joined, Options), joined), Is.EqualTo((false, SessionId.None)));
        Assert.That(_tracker.TryGetClient("sensor 7", out ClientStatus status) ? (status.Session, status.ExpireAfter, status.Count) : default, Is.EqualTo((session, 5, 0)));
    }

    [Test]
    public void HeartbeatOrJoin_AfterItExpired_JoinsAnew()
    {
        _tracker.HeartbeatOrJoin("sensor 7", out SessionId first, Options);
        _ticks.Advance(4);

        Assert.That((_tracker.HeartbeatOrJoin("sensor 7", out SessionId second, Options), second != first), Is.EqualTo((true, true)));
    }

    [Test]
    public void HeartbeatOrJoin_WithArgumentsThatCantJoin_Throws()
    {
        Assert.That(() => _tracker.HeartbeatOrJoin("", out _), Throws.ArgumentException);
        Assert.That(() => _tracker.HeartbeatOrJoin(new string('x', 257), out _), Throws.ArgumentException);
        Assert.That(() => _tracker.HeartbeatOrJoin("a", out _, new JoinOptions { Replaces = new SessionId(1) }), Throws.ArgumentException);
        _tracker.Dispose();
        Assert.That(() => _tracker.HeartbeatOrJoin("a", out _), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void HeartbeatOrJoin_OfAClientThatIsOnline_AllocatesNothing()
    {
        _tracker.HeartbeatOrJoin("sensor 7", out _, Options);
        _tracker.HeartbeatOrJoin("sensor 7", out _, Options);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            _tracker.HeartbeatOrJoin("sensor 7", out _, Options);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    /// <summary>Two at once, for a client that goes offline again and again: whoever joins, the other beats.</summary>
    [Test]
    public async Task HeartbeatOrJoin_ByTwoAtOnce_StartsOneSession()
    {
        int rounds = TestScale.Of(5_000, 100_000);
        using var barrier = new Barrier(2);
        bool[] joined = new bool[2];
        Task[] beating = [.. Enumerable.Range(0, 2).Select(own => Task.Factory.StartNew(() => Run(own), TaskCreationOptions.LongRunning))];

        await Task.WhenAll(beating);

        void Run(int own)
        {
            for (int round = 0; round < rounds; round++)
            {
                barrier.SignalAndWait();
                joined[own] = _tracker.HeartbeatOrJoin("sensor 7", out _);
                barrier.SignalAndWait();
                if (own == 0)
                {
                    Assert.That(joined.Count(one => one), Is.EqualTo(1));
                    _tracker.Leave("sensor 7");
                }
            }
        }
    }
}
