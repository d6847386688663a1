using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Client.Tests;

/// <summary>What a sender knows of its server, over real sockets: a real listener that comes and goes, addresses that answer or don't, and strangers that answer too.</summary>
[TestFixture]
public sealed class AcknowledgementTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly HeartbeatProbe AlwaysAlive = static answer => answer();

    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private UdpHeartbeatListener _listener = null!;
    private int _port;

    [SetUp]
    public void SetUp()
    {
        _tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        _keys = new HeartbeatKeys(_tracker);
        _listener = Listen(port: 0);
        _port = _listener.LocalEndPoint!.Port;
    }

    [TearDown]
    public void TearDown()
    {
        _listener.Dispose();
        _keys.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void Status_ServerAnswers_TellsRoundTripLossAndUntilWhen()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        using var sender = new HeartbeatSender(LogIn(expireAfter: 200), AlwaysAlive);

        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 5, "acknowledgements");
        HeartbeatSenderStatus status = sender.Status;

        Assert.Multiple(() =>
        {
            Assert.That(status.RoundTripTime, Is.GreaterThan(TimeSpan.Zero).And.LessThan(Loopback.Timeout));
            Assert.That(status.ConfirmedUntil - before, Is.InRange(200 * Interval, (200 * Interval) + Loopback.Timeout));
            Assert.That(status.Loss, Is.Zero);
            Assert.That(status with { Sent = 0, Acknowledged = 0, RoundTripTime = null, ConfirmedUntil = null, Loss = null }, Is.EqualTo(new HeartbeatSenderStatus()));
        });
    }

    [Test]
    public void Status_ServerRestarts_MustLogInAgainIsToldOnce()
    {
        using var sender = new HeartbeatSender(LogIn(expireAfter: 20), AlwaysAlive);
        int told = 0;
        sender.LogInAgain += _ => Interlocked.Increment(ref told);
        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 3, "acknowledgements");

        _listener.Dispose();
        using PresenceTracker tracker = new(new PresenceOptions(), new ManualTickSource());
        using HeartbeatKeys keys = new(tracker);
        using UdpHeartbeatListener restarted = Listen(_port, tracker, keys); // and knows nobody any more
        Loopback.WaitUntil(() => sender.Status.IsUnanswered, "no answers");
        bool mustAtOnce = sender.Status.MustLogInAgain;
        Loopback.WaitUntil(() => Volatile.Read(ref told) == 1, "the event");
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 5, "heartbeats that go on");
        HeartbeatSenderStatus status = sender.Status;

        Assert.Multiple(() =>
        {
            Assert.That(mustAtOnce, Is.False);
            Assert.That(told, Is.EqualTo(1));
            Assert.That((status.MustLogInAgain, status.IsUnanswered, status.IsFailing, status.IsSilent, status.IsProbablyExpired), Is.EqualTo((true, true, false, false, false)));
            Assert.That(status.ConfirmedUntil, Is.LessThan(DateTimeOffset.UtcNow));
        });
    }

    [Test]
    public void Status_SessionHasEnded_MustLogInAgain()
    {
        using var sender = new HeartbeatSender(LogIn(expireAfter: 5), AlwaysAlive);
        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 3, "acknowledgements");

        _tracker.Leave("zhangsan");

        Loopback.WaitUntil(() => sender.Status.MustLogInAgain, "the status");
    }

    [Test]
    public void Status_ServerIsAwayForLessThanTheLimit_IsConfirmedAgain()
    {
        using var sender = new HeartbeatSender(LogIn(expireAfter: 10_000), AlwaysAlive);
        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 3, "acknowledgements");

        _listener.Dispose();
        Loopback.WaitUntil(() => sender.Status.IsUnanswered, "no answers");
        _listener = Listen(_port);

        Loopback.WaitUntil(() => !sender.Status.IsUnanswered, "answers");
        Assert.That(sender.Status.Loss, Is.Positive);
        Assert.That(sender.Status.MustLogInAgain, Is.False);
    }

    [Test]
    public void Name_FirstAddressIsBroken_TheOneThatAnswersIsFoundAndKept()
    {
        IPAddress broken = IPAddress.Parse("127.0.0.3");
        using Socket silent = Loopback.Bind(broken, _port); // takes heartbeats and never answers
        using var sender = new HeartbeatSender(LogIn(expireAfter: 5, "server"), AlwaysAlive, null, null, _ => [IPAddress.Broadcast, broken, IPAddress.Loopback]);

        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 3, "acknowledgements");
        Loopback.Drain(silent);
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 5, "more beats");

        Assert.Multiple(() =>
        {
            Assert.That(Loopback.Drain(silent), Is.Zero);
            Assert.That((sender.Status.Failed, sender.Status.Loss), Is.EqualTo((0L, (double?)0)));
        });
    }

    [TestCase(1)]
    [TestCase(5)]
    public void AcknowledgeEach_ServerAnswers_AsksForSoManyOnly(int each)
    {
        using var sender = new HeartbeatSender(LogIn(expireAfter: 200, each: each), AlwaysAlive);

        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 3, "acknowledgements");
        HeartbeatSenderStatus status = sender.Status;

        // One that is due is still awaited; and a busy machine may answer late, so that another asks meanwhile.
        Assert.That(status.Sent, Is.GreaterThanOrEqualTo(((status.Acknowledged - 1) * each * 0.6) + 1));
        Assert.That(status.Acknowledged, Is.LessThanOrEqualTo(status.Sent));
    }

    [Test]
    public void AcknowledgeEach_Zero_AsksForNoneAndKnowsNothing()
    {
        using var sender = new HeartbeatSender(LogIn(expireAfter: 1, each: 0), AlwaysAlive);

        Loopback.WaitUntil(() => sender.Status.Sent >= 10, "beats");

        Assert.That(sender.Status with { Sent = 0 }, Is.EqualTo(new HeartbeatSenderStatus()));
    }

    [Test]
    public void Acknowledgement_ForgedReplayedReflectedOrNeverAskedFor_IsNotTaken()
    {
        using Socket server = Loopback.Bind();
        byte[] key = new byte[32];
        using var sender = new HeartbeatSender(LogIn(expireAfter: 1_000, port: Loopback.PortOf(server), key: key), AlwaysAlive);
        EndPoint client = new IPEndPoint(IPAddress.Any, 0);
        byte[] heartbeat = new byte[64];
        int length = server.ReceiveFrom(heartbeat, ref client);
        Assert.That(HeartbeatDatagram.TryReadHeartbeat(heartbeat.AsSpan(0, length), out ulong session, out ulong sequence), Is.True);

        byte[] answer = Acknowledge(key, session, sequence);
        byte[] forged = Acknowledge([.. Enumerable.Repeat((byte)1, 32)], session, sequence);
        byte[][] datagrams = [forged, heartbeat[..length], Acknowledge(key, session, sequence + 1_000), Acknowledge(key, session, 0), [], new byte[200], answer, answer, answer];
        foreach (byte[] datagram in datagrams)
        {
            server.SendTo(datagram, client);
        }

        Loopback.WaitUntil(() => sender.Status.Acknowledged > 0, "the one that is genuine");
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 3, "time for the others");
        Assert.That(sender.Status.Acknowledged, Is.EqualTo(1));
    }

    [Test]
    public void Group_SameSessionIdAtTwoServers_EachTakesItsOwn()
    {
        using var tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        using Socket other = Loopback.Bind();
        using var group = new HeartbeatSenderGroup();
        HeartbeatSenderOptions options = LogIn(expireAfter: 1_000);
        HeartbeatSender answered = group.Add(options, AlwaysAlive);
        HeartbeatSender unanswered = group.Add(
            new HeartbeatSenderOptions { Host = "127.0.0.1", Port = Loopback.PortOf(other), Session = options.Session, Key = new byte[32], Interval = Interval, ExpireAfter = 1_000 }, AlwaysAlive);

        Loopback.WaitUntil(() => answered.Status.Acknowledged >= 3 && unanswered.Status.IsUnanswered, "answers for one");

        Assert.That(unanswered.Status.Acknowledged, Is.Zero);
    }

    [Test]
    public void LogInAgain_HandlerThrows_TheOthersAreCalledAndHeartbeatsGoOn()
    {
        _listener.Dispose();
        using var sender = new HeartbeatSender(LogIn(expireAfter: 2), AlwaysAlive);
        using var called = new ManualResetEventSlim();
        sender.LogInAgain += _ => throw new InvalidOperationException("a host's fault");
        sender.LogInAgain += _ => called.Set();

        Assert.That(called.Wait(Loopback.Timeout), Is.True);
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent > sent, "heartbeats");
    }

    private static byte[] Acknowledge(byte[] key, ulong session, ulong sequence)
    {
        byte[] datagram = new byte[HeartbeatDatagram.Length];
        using var tag = new HeartbeatTag();
        HeartbeatDatagram.WriteAcknowledgement(datagram, session, sequence);
        tag.Sign(new HeartbeatKey(key), datagram);
        return datagram;
    }

    private UdpHeartbeatListener Listen(int port, PresenceTracker? tracker = null, HeartbeatKeys? keys = null)
    {
        var listener = new UdpHeartbeatListener(tracker ?? _tracker, keys ?? _keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, port) });
        listener.Start();
        return listener;
    }

    private HeartbeatSenderOptions LogIn(int expireAfter, string host = "127.0.0.1", int each = 1, int? port = null, byte[]? key = null)
    {
        SessionId session = _tracker.Join("zhangsan").Session;
        return new HeartbeatSenderOptions
        {
            Host = host,
            Port = port ?? _port,
            Session = session.Value,
            Key = key ?? _keys.Issue("zhangsan", session)!,
            Interval = Interval,
            ExpireAfter = expireAfter,
            AcknowledgeEach = each,
        };
    }
}
