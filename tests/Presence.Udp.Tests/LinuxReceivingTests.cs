using System.Net.Sockets;
using Microsoft.Extensions.Logging.Testing;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>What Linux does for the listener: a socket for each thread, and a filter in the kernel.</summary>
[TestFixture]
public sealed class LinuxReceivingTests
{
    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private SessionId _session;
    private byte[] _key = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(OperatingSystem.IsLinux(), "needs Linux");
        _tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        _keys = new HeartbeatKeys(_tracker);
        _session = _tracker.Join("zhangsan").Session;
        _key = _keys.Issue("zhangsan", _session)!;
    }

    [TearDown]
    public void TearDown()
    {
        _keys?.Dispose();
        _tracker?.Dispose();
    }

    [Test]
    public void Filter_Garbage_NeverReachesTheListenerAndHeartbeatsDo()
    {
        var logger = new FakeLogger<UdpHeartbeatListener>();
        using UdpHeartbeatListener listener = Listen(1, logger);
        using Socket sender = Loopback.Sender();
        byte[][] garbage =
        [
            [], new byte[39], new byte[40], new byte[41], new byte[65_507],
            Change(0), Change(1), Change(2), Change(3), Change(4), [.. Genuine(1), 0],
        ];

        foreach (byte[] datagram in garbage)
        {
            sender.SendTo(datagram, listener.LocalEndPoint!);
        }

        byte[] flagged = Genuine(1);
        flagged[5] = flagged[6] = 0xff; // a later key epoch and later flags are the listener's to ignore, so only the tag is wrong
        sender.SendTo(flagged, listener.LocalEndPoint!);
        sender.SendTo(Genuine(1), listener.LocalEndPoint!);
        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == 1, "the heartbeat");

        Assert.Multiple(() =>
        {
            Assert.That(listener.Counts[DatagramOutcome.Malformed], Is.Zero);
            Assert.That(listener.Counts[DatagramOutcome.Forged], Is.EqualTo(1));
            Assert.That(listener.Counts[DatagramOutcome.Dropped], Is.EqualTo(garbage.Length));
            Assert.That(logger.Collector.GetSnapshot().Single(record => record.Id.Id == 101).Message, Does.Contain("filtered by the kernel"));
        });

        byte[] Change(int offset)
        {
            byte[] datagram = Genuine(1);
            datagram[offset] ^= 1;
            return datagram;
        }
    }

    [TestCase(1, 1)]
    [TestCase(1, 2)]
    [TestCase(2, 1)]
    [TestCase(2, 2)]
    public void Start_PortOfAnotherListener_IsRefusedHoweverManyThreadsEachHas(int threads, int others)
    {
        using UdpHeartbeatListener first = Listen(threads);
        using var second = new UdpHeartbeatListener(_tracker, _keys, new UdpHeartbeatOptions { EndPoint = first.LocalEndPoint!, ReceiveThreads = others });

        Assert.That(second.Start, Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressAlreadyInUse));
    }

    [Test]
    public void ReceiveThreads_Default_IsOneForEachProcessorUpToFour()
    {
        var logger = new FakeLogger<UdpHeartbeatListener>();
        using UdpHeartbeatListener listener = Listen(null, logger);

        Assert.That(
            logger.Collector.GetSnapshot().Single(record => record.Id.Id == 101).GetStructuredStateValue("Threads"),
            Is.EqualTo($"{Math.Min(4, Environment.ProcessorCount)}"));
    }

    private UdpHeartbeatListener Listen(int? threads, FakeLogger<UdpHeartbeatListener>? logger = null)
    {
        var listener = new UdpHeartbeatListener(_tracker, _keys, new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveThreads = threads }, logger: logger);
        listener.Start();
        return listener;
    }

    private byte[] Genuine(ulong sequence) => Datagrams.Genuine(_key, _session, sequence);
}
