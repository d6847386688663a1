namespace Presence.Udp.Tests;

[TestFixture]
public sealed class KeyedSessionTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [TestCase(6ul, false)]
    [TestCase(7ul, false)]
    [TestCase(8ul, true)]
    public void TryCommit_AfterSequence7_AcceptsOnlyAbove(ulong sequence, bool expected)
    {
        var session = new KeyedSession(Key);
        session.TryCommit(7);

        Assert.Multiple(() =>
        {
            Assert.That(session.IsNewer(sequence), Is.EqualTo(expected));
            Assert.That(session.TryCommit(sequence), Is.EqualTo(expected));
        });
    }

    [Test]
    public void TryCommit_Sequence0_IsNeverAccepted() => Assert.That(new KeyedSession(Key).TryCommit(0), Is.False);

    [Test]
    public void TryCommit_FromManyThreads_AcceptsEachSequenceOnceAtMost()
    {
        const int Sequences = 20_000;
        var session = new KeyedSession(Key);
        int[] accepted = new int[Sequences + 1];

        Parallel.For(0, 4, _ =>
        {
            for (ulong sequence = 1; sequence <= Sequences; sequence++)
            {
                if (session.TryCommit(sequence))
                {
                    Interlocked.Increment(ref accepted[sequence]);
                }
            }
        });

        Assert.Multiple(() =>
        {
            Assert.That(accepted, Is.All.LessThanOrEqualTo(1));
            Assert.That(accepted[Sequences], Is.EqualTo(1));
        });
    }

    [Test]
    public void Drop_Always_WipesTheKeyAndAcceptsNothingMore()
    {
        var session = new KeyedSession(Key);

        session.Drop();

        Assert.Multiple(() =>
        {
            Assert.That(session.Key, Is.EqualTo(default(HeartbeatKey)));
            Assert.That(session.IsNewer(ulong.MaxValue), Is.False);
            Assert.That(session.TryCommit(ulong.MaxValue), Is.False);
        });
    }
}
