using Presence.Engine;

namespace Presence.Tests.Engine;

/// <summary>A closed session's id never works again.</summary>
[TestFixture]
public sealed class SessionReuseTests
{
    [Test]
    public void SessionId_AfterItsSlotWasUsedAMillionTimesAgain_StaysDead()
    {
        const int Reuses = 1 << 20;
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        SessionId first = tracker.Join("zhangsan").Session;
        tracker.Leave(first);
        var ids = new HashSet<SessionId>(Reuses) { first };
        for (int reuse = 0; reuse < Reuses; reuse++)
        {
            SessionId session = tracker.Join("lisi").Session;
            bool isNew = ids.Add(session);
            if (!isNew || tracker.Heartbeat(first) || tracker.Leave(first))
            {
                Assert.Fail($"reuse {reuse}: new id {session} is new: {isNew}; or the first one, {first}, worked");
            }

            tracker.Leave(session);
        }

        Assert.That(ids.Select(id => id.Value >> SessionWord.TagBits).Distinct().Count(), Is.EqualTo(1), "all had the same slot");
    }

    [Test]
    public void Slot_ThatHasGivenEveryTag_IsRetired()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 5);
        SessionId first = table.Reserve("a", null, 5);
        SessionId last = first;
        for (uint generation = 1; generation < TagPermutation.Length; generation++)
        {
            table.Release(last);
            last = table.Reserve("a", null, 5);
        }

        table.Release(last);
        SessionId next = table.Reserve("a", null, 5);

        Assert.That(last.Value >> SessionWord.TagBits, Is.EqualTo(first.Value >> SessionWord.TagBits));
        Assert.That(next.Value >> SessionWord.TagBits, Is.Not.EqualTo(first.Value >> SessionWord.TagBits));
    }
}
