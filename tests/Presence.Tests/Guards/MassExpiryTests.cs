using Microsoft.Extensions.Logging.Testing;

namespace Presence.Tests.Guards;

/// <summary>When most clients fall silent at once, expiry waits; for a while, and never for good.</summary>
[TestFixture]
public sealed class MassExpiryTests
{
    private ManualTickSource _ticks = null!;
    private FakeLogger<PresenceTracker> _logger = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _logger = new FakeLogger<PresenceTracker>();
    }

    [TestCase(20, 10, 6, TestName = "Half of the clients is not more than half")]
    [TestCase(20, 11, 16, TestName = "More than half is held for two limits")]
    [TestCase(9, 9, 6, TestName = "Nine are too few to hold")]
    [TestCase(10, 10, 16, TestName = "Ten are enough to hold")]
    public void SilentClients_ByTheirShare_ExpireAtTheLimitOrAfterTheHold(int clients, int silent, int expectedTicks)
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, clients);

        Assert.That(TicksUntilGone(tracker, clients, silent), Is.EqualTo(expectedTicks));
    }

    [Test]
    public void Hold_WhenTheClientsComeBack_ExpiresOnlyWhoDoesNot()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 100);
        _ticks.Advance(12); // all silent: held since tick 6
        int held = tracker.OnlineCount;

        Beat(tracker, 0, 99);
        _ticks.Advance();

        Assert.That((held, tracker.OnlineCount), Is.EqualTo((100, 99)));
        Assert.That(_logger.Collector.GetSnapshot().Select(record => record.Id.Id), Is.EqualTo(new[] { 7, 8, 1 }));
    }

    [Test]
    public void Hold_OfClientsThatFellSilentSpreadOverSomeTicks_LosesNoneOfThem()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 100);
        for (int tick = 0; tick < 4; tick++)
        {
            Beat(tracker, tick * 25, 100); // 25 fall silent at each tick
            _ticks.Advance();
        }

        _ticks.Advance(8);

        Assert.That(tracker.OnlineCount, Is.EqualTo(100));
    }

    [Test]
    public void Hold_WhateverTellsOfSuspects_LosesNoneOfThoseWhoFellSilentSpreadOverSomeTicks([Values(null, 0, 1, 5, 6)] int? suspectAfter)
    {
        using PresenceTracker tracker = Create(new PresenceOptions { SuspectAfter = suspectAfter });
        Join(tracker, 80);
        for (int tick = 0; tick < 4; tick++)
        {
            Beat(tracker, tick * 20, 80);
            _ticks.Advance();
        }

        _ticks.Advance(8);

        Assert.That(tracker.OnlineCount, Is.EqualTo(80));
    }

    [TestCase(1, 4)]
    [TestCase(5, 16)]
    [TestCase(60, 181)]
    public void Hold_OfClientsWithALimitOfTheirOwn_IsForTwiceThat(int limit, int expectedTicks)
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 10, limit);

        Assert.That(TicksUntilGone(tracker, 10, 10), Is.EqualTo(expectedTicks));
    }

    [Test]
    public void Hold_OfClientsWithLongLimits_LosesNoneOfThoseWhoFellSilentSpreadOverThem()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 60, 60);
        for (int tick = 0; tick < 30; tick++)
        {
            Beat(tracker, tick * 2, 60); // two fall silent at each tick: two are due at each tick later
            _ticks.Advance();
        }

        _ticks.Advance(100);

        Assert.That(tracker.OnlineCount, Is.EqualTo(60));
    }

    [Test]
    public void Hold_SpentForShortLimits_GoesOnForLongOnes()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 30);
        for (int client = 0; client < 20; client++)
        {
            tracker.Join($"long {client}", new JoinOptions { ExpireAfter = 12 });
        }

        int[] online = [.. new[] { 15, 1, 20, 1 }.Select(ticks =>
        {
            _ticks.Advance(ticks);
            return tracker.OnlineCount;
        })];

        Assert.That(online, Is.EqualTo(new[] { 50, 20, 20, 0 }), "held until ticks 16 and 37");
        Assert.That(_logger.Collector.GetSnapshot().Select(record => record.Id.Id), Is.EqualTo(new[] { 7, 9, 1, 9, 1 }));
    }

    [Test]
    public void ExpiriesOfLongLimits_ForSoLong_CountWithThoseOfShortOnes()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 20);
        for (int client = 0; client < 9; client++)
        {
            tracker.Join($"long {client}", new JoinOptions { ExpireAfter = 12 });
        }

        Advance(beating: 20, ticks: 13); // the nine are 9 of 29
        int left = tracker.OnlineCount;
        Advance(beating: 10, ticks: 7); // 10 of 20 are not more than half, but within 12 ticks of the nine they are 19 of 29

        Assert.That((left, tracker.OnlineCount), Is.EqualTo((20, 20)));

        void Advance(int beating, int ticks)
        {
            for (int tick = 0; tick < ticks; tick++)
            {
                Beat(tracker, 0, beating);
                _ticks.Advance();
            }
        }
    }

    [Test]
    public async Task ExpiriesThatTheHostConfirmed_CountAsTheOthers()
    {
        using PresenceTracker tracker = Create(new PresenceOptions { ConfirmExpiry = (_, _) => ValueTask.FromResult(true) });
        Join(tracker, 20);
        List<int> online = [];
        for (int tick = 1; tick <= 12; tick++)
        {
            Beat(tracker, 9, tick <= 5 ? 20 : 11); // 9 are silent from the start, and 9 more from tick 6: due at tick 10
            _ticks.Advance();
            await tracker.WhenCallbacksDoneAsync();
            online.Add(tracker.OnlineCount);
        }

        Assert.That(online, Is.EqualTo(new[] { 20, 20, 20, 20, 20, 11, 11, 11, 11, 11, 11, 2 }), "the first nine make it 18 of 20, for 5 ticks");
    }

    [Test]
    public void Hold_OnceSpent_LetsTheRestOfTheMassGoAndHoldsTheNext()
    {
        using PresenceTracker tracker = Create(new PresenceOptions { MaxHeldTicks = 3 });
        Join(tracker, 100);
        int[] online = [.. Enumerable.Range(1, 11).Select(tick =>
        {
            Beat(tracker, 60, tick <= 5 ? 100 : 60); // 60 are silent from the start, the others from tick 4
            _ticks.Advance();
            return tracker.OnlineCount;
        })];
        Join(tracker, 100);
        _ticks.Advance(8);

        Assert.That(online, Is.EqualTo(new[] { 100, 100, 100, 100, 100, 100, 100, 100, 40, 0, 0 }), "held at ticks 6 to 8, and not again");
        Assert.That(tracker.OnlineCount, Is.EqualTo(100), "the next mass is held");
    }

    [Test]
    public void HeldClient_ThatIsReadLeavesOrJoinsAgain_IsOnlineUntilThen()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        Join(tracker, 20);
        _ticks.Advance(8);

        Assert.That(tracker.TryGetClient("client 0", out ClientStatus status), Is.True);
        Assert.That((status.Count, status.IsSuspect), Is.EqualTo((8, true)));
        Assert.That(tracker.Join("client 0").Replaced?.Count, Is.EqualTo(8));
        Assert.That(tracker.Leave("client 1"), Is.True);
        Assert.That(tracker.Heartbeat("client 2"), Is.True);
        Assert.That(tracker.TryGetClient("client 2", out status) ? status.Count : -99, Is.Zero);
    }

    [TestCase("held")]
    [TestCase("rationed")]
    [TestCase("asked about")]
    public async Task ClientOverItsLimit_ThatTriesToJoinAgain_JoinsAndItsOldSessionIsToldToHaveExpired(string isKept)
    {
        var answer = new TaskCompletionSource<bool>();
        using PresenceTracker tracker = Create(new PresenceOptions
        {
            MassExpiryShare = isKept == "held" ? 0.5 : 1,
            MaxExpirationsPerTick = isKept == "rationed" ? 1 : null,
            ConfirmExpiry = isKept == "asked about" ? (_, _) => new ValueTask<bool>(answer.Task) : null,
        });
        var changes = new List<(PresenceChanges Kind, SessionId Session, int Count)>();
        Join(tracker, 20);
        using IDisposable registration = tracker.OnChange(PresenceChanges.Joined | PresenceChanges.Expired, change =>
        {
            lock (changes)
            {
                changes.Add((change.Kind, change.Session, change.Count));
            }

            return default;
        });
        _ticks.Advance(5);
        bool atItsLimit = tracker.Snapshot().Any(client => tracker.TryJoin(client.ClientId, out _));
        _ticks.Advance(2);
        ClientStatus old = tracker.Snapshot()[0];

        bool joined = tracker.TryJoin(old.ClientId, out SessionId session);
        bool again = tracker.TryJoin(old.ClientId, out _);
        answer.SetResult(true);
        await tracker.WhenCallbacksDoneAsync();

        Assert.That((atItsLimit, joined, again), Is.EqualTo((false, true, false)));
        Assert.That(tracker.Heartbeat(session), Is.True);
        Assert.That(
            changes.Where(change => change.Session == old.Session || change.Session == session),
            Is.EqualTo(new[] { (PresenceChanges.Expired, old.Session, 7), (PresenceChanges.Joined, session, 0) }));
    }

    [Test]
    public async Task HeldClient_WhenItExpires_IsToldWithItsRealCount()
    {
        using PresenceTracker tracker = Create(new PresenceOptions());
        var counts = new List<int>();
        using IDisposable registration = tracker.OnClientExpired(change =>
        {
            lock (counts)
            {
                counts.Add(change.Count);
            }

            return default;
        });
        Join(tracker, 10);

        _ticks.Advance(16);
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(counts, Is.EqualTo(Enumerable.Repeat(16, 10)));
    }

    [TestCase(1.0, null)]
    [TestCase(0.5, 0)]
    public void Hold_SwitchedOff_ExpiresAllAtTheLimit(double share, int? maxHeldTicks)
    {
        using PresenceTracker tracker = Create(new PresenceOptions { MassExpiryShare = share, MaxHeldTicks = maxHeldTicks });
        Join(tracker, 100);

        Assert.That(TicksUntilGone(tracker, 100, 100), Is.EqualTo(6));
    }

    private static void Join(PresenceTracker tracker, int clients, int? limit = null)
    {
        for (int client = 0; client < clients; client++)
        {
            tracker.Join($"client {client}", new JoinOptions { ExpireAfter = limit });
        }
    }

    private static void Beat(PresenceTracker tracker, int from, int to)
    {
        for (int client = from; client < to; client++)
        {
            tracker.Heartbeat($"client {client}");
        }
    }

    private PresenceTracker Create(PresenceOptions options) => new(options, _ticks, logger: _logger);

    private int TicksUntilGone(PresenceTracker tracker, int clients, int silent)
    {
        int ticks = 0;
        while (tracker.OnlineCount > clients - silent && ticks < 1_000)
        {
            Beat(tracker, silent, clients);
            _ticks.Advance();
            ticks++;
        }

        return ticks;
    }
}
