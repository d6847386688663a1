using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>Random and mutated input, more than a million in all: nothing is accepted, nothing thrown, nothing allocated.</summary>
[TestFixture]
public sealed class HeartbeatVerifierFuzzTests
{
    private const int Inputs = 600_000;

    [Test]
    [CancelAfter(60_000)]
    public void Accept_RandomInput_IsRefusedWithoutAllocation([Values] bool mutated, CancellationToken cancellationToken)
    {
        using var tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        using var keys = new HeartbeatKeys(tracker);
        using var verifier = new HeartbeatVerifier(tracker, keys, new BeatCensus(), new OutcomeCounts());
        SessionId session = tracker.Join("zhangsan").Session;
        byte[] genuine = Datagrams.Genuine(keys.Issue("zhangsan", session)!, session, 1);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] input = new byte[1_500];
        int accepted = 0;
        long before = 0;

        for (int i = 0; i < Inputs && !cancellationToken.IsCancellationRequested; i++)
        {
            if (i == 1_000)
            {
                before = GC.GetAllocatedBytesForCurrentThread(); // once everything has run before
            }

            int length = mutated ? Mutate(genuine, input, random) : Fill(input, random);
            accepted += verifier.Accept(input.AsSpan(0, length), out _) == DatagramOutcome.Accepted ? 1 : 0;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Multiple(() =>
        {
            Assert.That(cancellationToken.IsCancellationRequested, Is.False, "it took too long");
            Assert.That(accepted, Is.Zero, $"seed {seed}");
            Assert.That(allocated, Is.LessThan(10_000), "that is, none for each of the inputs");
            Assert.That(keys.Count, Is.EqualTo(1));
            Assert.That(verifier.Accept(genuine, out _), Is.EqualTo(DatagramOutcome.Accepted), "none of it moved the sequence");
        });
    }

    private static int Fill(byte[] input, Random random)
    {
        int length = random.Next(4) == 0 ? random.Next(input.Length) : random.Next(30, 50);
        random.NextBytes(input.AsSpan(0, length));
        return length;
    }

    /// <summary>Changes 1 to 4 bytes for others, and now and then the length.</summary>
    private static int Mutate(byte[] genuine, byte[] input, Random random)
    {
        genuine.CopyTo(input, 0);
        int first = random.Next(genuine.Length);
        input[first] ^= (byte)random.Next(1, 256);
        for (int more = random.Next(4); more > 0; more--)
        {
            int other = random.Next(genuine.Length);
            input[other] ^= other == first ? (byte)0 : (byte)random.Next(256);
        }

        return random.Next(10) == 0 ? random.Next(input.Length) : genuine.Length;
    }
}
