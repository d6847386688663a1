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

    [Test]
    public void Tracker_OfNobody_TakesLittle()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(bytes, Is.LessThan(100_000));
    }
}
