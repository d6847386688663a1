using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Client.Tests;

[TestFixture]
public sealed class HeartbeatSenderGroupTests
{
    private Socket _receiving = null!;

    [SetUp]
    public void SetUp()
    {
        _receiving = Loopback.Bind();
        _receiving.ReceiveBufferSize = 4 * 1024 * 1024;
    }

    [TearDown]
    public void TearDown() => _receiving.Dispose();

    [Test]
    public void Add_Thousands_BeatFromOneSocketAndOneThread()
    {
        const int Senders = 2_000;
        using var group = new HeartbeatSenderGroup();
        var threads = new HashSet<int>();
        var sessions = new HashSet<ulong>();
        var ports = new HashSet<int>();
        HeartbeatSender[] senders = [.. Enumerable.Range(1, Senders).Select(i => group.Add(Options((ulong)i), answer =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            answer();
        }))];

        byte[] datagram = new byte[64];
        while (sessions.Count < Senders)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            int length = _receiving.ReceiveFrom(datagram, ref from);
            Assert.That(HeartbeatDatagramOf(datagram.AsSpan(0, length), out ulong session), Is.True);
            sessions.Add(session);
            ports.Add(((IPEndPoint)from).Port);
        }

        Loopback.WaitUntil(() => senders.All(sender => sender.Status.Sent >= 2), "two beats of each");
        int count = group.Count;
        group.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(count, Is.EqualTo(Senders));
            Assert.That(ports, Has.Count.EqualTo(1));
            Assert.That(threads, Has.Count.EqualTo(1));
            Assert.That(group.Count, Is.Zero);
        });
    }

    [Test]
    public void Dispose_OfOneSender_LeavesTheOthersBeating()
    {
        using var group = new HeartbeatSenderGroup();
        using HeartbeatSender first = group.Add(Options(1), static answer => answer());
        using HeartbeatSender second = group.Add(Options(2), static answer => answer());
        Loopback.WaitUntil(() => first.Status.Sent > 1 && second.Status.Sent > 1, "beats of both");

        first.Dispose();
        long sent = first.Status.Sent;
        long others = second.Status.Sent;
        Loopback.WaitUntil(() => second.Status.Sent >= others + 3, "beats of the other");

        Assert.Multiple(() =>
        {
            Assert.That(first.Status.Sent, Is.EqualTo(sent));
            Assert.That(group.Count, Is.EqualTo(1));
        });
    }

    [Test]
    public void Add_SameName_IsLookedUpOnce()
    {
        int lookUps = 0;
        using var group = new HeartbeatSenderGroup(null, null, _ =>
        {
            Interlocked.Increment(ref lookUps);
            return [IPAddress.Loopback];
        });
        HeartbeatSender[] senders = [.. Enumerable.Range(1, 100).Select(i => group.Add(Options((ulong)i, "server"), static answer => answer()))];

        Loopback.WaitUntil(() => senders.All(sender => sender.Status.Sent >= 1), "a beat of each");

        Assert.That(lookUps, Is.EqualTo(1));
    }

    [Test]
    public void Add_AfterDispose_Throws()
    {
        var group = new HeartbeatSenderGroup();
        group.Dispose();
        group.Dispose(); // and again

        Assert.That(() => group.Add(Options(1), static answer => answer()), Throws.TypeOf<ObjectDisposedException>());
    }

    private HeartbeatSenderOptions Options(ulong session, string host = "127.0.0.1") => new()
    {
        Host = host,
        Port = Loopback.PortOf(_receiving),
        Session = session,
        Key = new byte[32],
        Interval = TimeSpan.FromMilliseconds(200),
        ExpireAfter = 1_000,
    };

    private static bool HeartbeatDatagramOf(ReadOnlySpan<byte> datagram, out ulong session) => HeartbeatDatagram.TryReadHeartbeat(datagram, out session, out _);
}
