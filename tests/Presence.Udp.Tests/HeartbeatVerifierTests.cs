using Moq;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatVerifierTests
{
    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private HeartbeatVerifier _verifier = null!;
    private SessionId _session;
    private byte[] _key = null!;

    [SetUp]
    public void SetUp()
    {
        _tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        _keys = new HeartbeatKeys(_tracker);
        _verifier = new HeartbeatVerifier(_tracker, _keys, new BeatCensus(), new OutcomeCounts());
        _session = _tracker.Join("zhangsan").Session;
        _key = _keys.Issue("zhangsan", _session)!;
    }

    [TearDown]
    public void TearDown()
    {
        _verifier.Dispose();
        _keys.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void Accept_GenuineAndNewer_PutsOneHeartbeatIntoTheSink()
    {
        var sink = new Mock<IHeartbeatSink>();
        sink.Setup(s => s.Heartbeat(_session)).Returns(true);
        using var verifier = new HeartbeatVerifier(sink.Object, _keys, new BeatCensus(), new OutcomeCounts());

        Assert.That(verifier.Accept(Genuine(1), out _), Is.EqualTo(DatagramOutcome.Accepted));

        sink.Verify(s => s.Heartbeat(_session), Times.Once);
        sink.VerifyNoOtherCalls();
    }

    [TestCase(99ul, DatagramOutcome.Stale)]
    [TestCase(100ul, DatagramOutcome.Stale)]
    [TestCase(101ul, DatagramOutcome.Accepted)]
    public void Accept_AfterSequence100_TakesOnlyNewer(ulong sequence, object expected)
    {
        _verifier.Accept(Genuine(100), out _);

        Assert.That(_verifier.Accept(Genuine(sequence), out _), Is.EqualTo(expected));
    }

    [Test]
    public void Accept_ForgedGreatestSequence_DoesNotLockTheClientOut()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_verifier.Accept(Genuine(1), out _), Is.EqualTo(DatagramOutcome.Accepted));
            Assert.That(_verifier.Accept(Datagrams.Forged(_session, ulong.MaxValue), out _), Is.EqualTo(DatagramOutcome.Forged));
            Assert.That(_verifier.Accept(Genuine(2), out _), Is.EqualTo(DatagramOutcome.Accepted));
        });
    }

    [Test]
    public void Accept_ManyBadTags_ThenTheGenuineOneCounts()
    {
        for (ulong i = 1; i <= 1_000; i++)
        {
            _verifier.Accept(Datagrams.Forged(_session, i), out _);
        }

        Assert.That(_verifier.Accept(Genuine(1), out _), Is.EqualTo(DatagramOutcome.Accepted));
    }

    [Test]
    public void Accept_AnySingleBitFlip_IsRefusedAndChangesNothing()
    {
        for (int bit = 0; bit < HeartbeatDatagram.Length * 8; bit++)
        {
            byte[] flipped = Genuine(5);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.That(_verifier.Accept(flipped, out _), Is.Not.EqualTo(DatagramOutcome.Accepted), $"bit {bit}");
        }

        Assert.That(_verifier.Accept(Genuine(1), out _), Is.EqualTo(DatagramOutcome.Accepted), "no flip moved the sequence");
    }

    [Test]
    public void Accept_AnyOtherLength_IsMalformed()
    {
        byte[] genuine = Genuine(1);
        foreach (int length in Enumerable.Range(0, 1_501).Append(65_507).Where(length => length != HeartbeatDatagram.Length))
        {
            byte[] datagram = new byte[length];
            genuine.AsSpan(0, Math.Min(length, genuine.Length)).CopyTo(datagram);

            Assert.That(_verifier.Accept(datagram, out _), Is.EqualTo(DatagramOutcome.Malformed), $"length {length}");
        }
    }

    [Test]
    public void Accept_SessionWithoutKey_IsUnknownAndCreatesNothing()
    {
        SessionId keyless = _tracker.Join("keyless").Session;

        Assert.Multiple(() =>
        {
            Assert.That(_verifier.Accept(Datagrams.Genuine(_key, keyless, 1), out _), Is.EqualTo(DatagramOutcome.Unknown));
            Assert.That(_verifier.Accept(Datagrams.Genuine(_key, SessionId.None, 1), out _), Is.EqualTo(DatagramOutcome.Unknown));
            Assert.That(_keys.Count, Is.EqualTo(1));
        });
    }

    [Test]
    public void Accept_SessionThatEndedMeanwhile_IsUnknown()
    {
        using var verifier = new HeartbeatVerifier(Mock.Of<IHeartbeatSink>(), _keys, new BeatCensus(), new OutcomeCounts()); // a sink that knows nobody

        Assert.That(verifier.Accept(Genuine(1), out _), Is.EqualTo(DatagramOutcome.Unknown));
    }

    [Test]
    public async Task Accept_KeyOfAReplacedSession_DoesNothingToTheNewOne()
    {
        _tracker.Join("zhangsan");
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_verifier.Accept(Genuine(1), out _), Is.EqualTo(DatagramOutcome.Unknown));
    }

    [Test]
    public void Accept_AnyOutcome_AllocatesNothing()
    {
        byte[][] genuine = [.. Enumerable.Range(1, 300).Select(i => Genuine((ulong)i))];
        byte[] forged = Datagrams.Forged(_session, ulong.MaxValue);
        byte[] unknown = Datagrams.Forged(new SessionId(99), 1);
        TakeAll(genuine.AsSpan(0, 100));

        long before = GC.GetAllocatedBytesForCurrentThread();
        TakeAll(genuine.AsSpan(100));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);

        void TakeAll(ReadOnlySpan<byte[]> datagrams)
        {
            foreach (byte[] datagram in datagrams)
            {
                _verifier.Accept(datagram, out _); // accepted
                _verifier.Accept(datagram, out _); // stale
                _verifier.Accept(forged, out _);
                _verifier.Accept(unknown, out _);
                _verifier.Accept(datagram.AsSpan(1), out _); // malformed
            }
        }
    }

    private byte[] Genuine(ulong sequence) => Datagrams.Genuine(_key, _session, sequence);
}
