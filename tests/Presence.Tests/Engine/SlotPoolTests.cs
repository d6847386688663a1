using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class SlotPoolTests
{
    private const int ThreeChunks = SessionChunk.MaxSlots + 2_000;

    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions { MassExpiryShare = 1 }, _ticks);
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public async Task Take_MoreThanAChunkHas_TracksEverySessionAlike()
    {
        SessionId[] sessions = [.. Enumerable.Range(0, ThreeChunks).Select(i => _tracker.Join($"client-{i}").Session)];
        int expired = 0;
        _tracker.OnClientExpired(_ =>
        {
            Interlocked.Increment(ref expired);
            return default;
        });

        _ticks.Advance(5);
        bool areBeaten = sessions.Where((_, i) => i % 2 == 0).All(_tracker.Heartbeat);
        _ticks.Advance(1);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(sessions.Select(session => session.Value >> (SessionWord.TagBits + SessionChunk.SlotBits)).Distinct().Count(), Is.EqualTo(3), "chunks");
        Assert.That(areBeaten);
        Assert.That(_tracker.OnlineCount, Is.EqualTo(ThreeChunks / 2));
        Assert.That(expired, Is.EqualTo(ThreeChunks / 2));
    }

    [TestCase(0, TestName = "Slot_ThatNobodyHasHad_IsNobodys(the one that is left out)")]
    [TestCase(2, TestName = "Slot_ThatNobodyHasHad_IsNobodys(the next)")]
    [TestCase(SessionChunk.MaxSlots - 1, TestName = "Slot_ThatNobodyHasHad_IsNobodys(left out of the first chunk)")]
    [TestCase(SessionChunk.MaxSlots, TestName = "Slot_ThatNobodyHasHad_IsNobodys(of a chunk that is not there)")]
    [TestCase((1L << 40) - 1, TestName = "Slot_ThatNobodyHasHad_IsNobodys(the last)")]
    public void Slot_ThatNobodyHasHad_IsNobodys(long slot)
    {
        _tracker.Join("zhangsan");
        foreach (uint tag in (uint[])[0, 1, 0x123456, SessionWord.FirstReservedTag - 1, SessionWord.FirstReservedTag, SessionWord.TagMask])
        {
            SessionId session = new(((ulong)slot << SessionWord.TagBits) | tag);

            Assert.That((_tracker.Heartbeat(session), _tracker.Leave(session)), Is.EqualTo((false, false)), $"tag {tag:x}");
        }

        Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
    }

    /// <summary>Memory and the time of a tick follow those who are here, not those who once were.</summary>
    [Test]
    public void Return_OfAllSlots_LetsTheirMemoryGo()
    {
        const int Clients = 5 * SessionChunk.MaxSlots;
        var table = new SessionTable(HeartbeatRule.Reset, 5);
        var sessions = new TableClients(table);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        sessions.Join(Clients);
        long full = GC.GetTotalMemory(forceFullCollection: true) - before;
        sessions.LeaveAll();
        long empty = GC.GetTotalMemory(forceFullCollection: true) - before;

        TestContext.Out.WriteLine($"{Clients} clients: {full / 1024} KiB, after they have left {empty / 1024} KiB");
        Assert.That(table.Chunks.Sum(chunk => chunk.Used.Length), Is.LessThan(2_000), "what a tick reads");
        Assert.That(empty, Is.LessThan(full / 5), "one empty chunk is kept, and one array of free words for the process");
    }

    [Test]
    public void Take_AfterItsChunkWasDropped_GivesNoIdAgain()
    {
        const int Clients = 3 * SessionChunk.MaxSlots;
        var table = new SessionTable(HeartbeatRule.Reset, 5);
        var sessions = new TableClients(table);
        var all = new HashSet<SessionId>();
        for (int round = 0; round < 4; round++)
        {
            foreach (SessionId session in sessions.Join(Clients))
            {
                if (!all.Add(session) || !table.TryBeat(session))
                {
                    Assert.Fail($"{session} was given before, or does not work");
                }
            }

            sessions.LeaveAll();
            Assert.That(table.Chunks.Count(chunk => chunk.IsDropped), Is.GreaterThanOrEqualTo(2));
        }

        Assert.That(all.Any(table.TryBeat), Is.False);
        Assert.That(table.Online, Is.Zero);
    }

    /// <summary>Who looks for a session while its chunk goes and comes finds that it is over, and disturbs nobody.</summary>
    [Test]
    public async Task Heartbeats_WhileChunksComeAndGo_MeetNobodyElse()
    {
        string[] ids = [.. Enumerable.Range(0, (2 * SessionChunk.MaxSlots) + 5_000).Select(i => $"client-{i}")];
        SessionId[] current = new SessionId[ids.Length];
        bool isDone = false;
        Task<int> beating = Task.Run(() =>
        {
            var random = new Random(1);
            int beats = 0;
            while (!Volatile.Read(ref isDone))
            {
                int i = random.Next(ids.Length);
                SessionId session = current[i];
                beats += _tracker.Heartbeat(session) ? 1 : 0;
                _tracker.Heartbeat(ids[i]);
                _tracker.TryGetClient(ids[i], out _);
            }

            return beats;
        });
        for (int round = 0; round < 8; round++)
        {
            for (int i = 0; i < ids.Length; i++)
            {
                current[i] = _tracker.Join(ids[i]).Session;
            }

            _ticks.Advance(3);
            Assert.That(_tracker.OnlineCount, Is.EqualTo(ids.Length));
            Parallel.For(0, ids.Length, i => _tracker.Leave(ids[i]));
            Assert.That(_tracker.OnlineCount, Is.Zero);
        }

        Volatile.Write(ref isDone, true);
        Assert.That(await beating, Is.GreaterThan(0));
    }

    [Test]
    public void Tracker_OfNobody_TakesLittle()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(bytes, Is.LessThan(100_000));
    }

    /// <summary>Joins and leaves of a table alone, without callbacks.</summary>
    private sealed class TableClients(SessionTable table)
    {
        private readonly List<SessionId> _sessions = [];

        public List<SessionId> Join(int clients)
        {
            for (int i = 0; i < clients; i++)
            {
                SessionId session = table.Reserve("client", null, 5);
                table.Start(session, 5, table.Now);
                _sessions.Add(session);
            }

            return _sessions;
        }

        public void LeaveAll()
        {
            foreach (SessionId session in _sessions)
            {
                table.CloseNeedsLock(session, PresenceChanges.Left, SessionId.None, out _, out _);
                table.Release(session);
            }

            _sessions.Clear();
            _sessions.TrimExcess();
        }
    }
}
