using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class SuspicionBitsTests
{
    private const uint Tag = TagPermutation.Length - 1;

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(PresenceOptions.MaxExpireAfter + 1)]
    public void Tell_AfterChanges_TellsEachOnceWithTheCountOfTheLast(int count)
    {
        Suspicion suspicion = Suspicion.Of(0, Tag).Changed(3).Changed(count);

        suspicion = Suspicion.Of(suspicion.Bits, Tag).Tell(out PresenceChanges first, out _);
        Assert.That((first, suspicion.IsTold, suspicion.IsSuspect), Is.EqualTo((PresenceChanges.Suspected, false, false)));
        suspicion = suspicion.Tell(out PresenceChanges second, out int told);
        Assert.That((second, told, suspicion.IsTold), Is.EqualTo((PresenceChanges.Recovered, count, true)));
    }

    [Test]
    public void Tell_AThousandChangesOn_IsStillInOrder()
    {
        Suspicion suspicion = Suspicion.Of(0, Tag);
        for (int i = 0; i < 5_000; i++)
        {
            suspicion = suspicion.Changed(i).Tell(out PresenceChanges kind, out int count);
            Assert.That((kind, count, suspicion.IsTold), Is.EqualTo((i % 2 == 0 ? PresenceChanges.Suspected : PresenceChanges.Recovered, i, true)));
        }
    }

    [Test]
    public void Of_AnotherSessionsBits_IsNothing() => Assert.That(Suspicion.Of(Suspicion.Of(0, Tag).Changed(3).Bits, Tag - 1).IsSuspect, Is.False);
}
