using System.Net;

namespace Presence.Udp.Client.Tests;

/// <summary>A client whose heartbeats over UDP are lost: the fallback keeps its session, and is given up when UDP is back.</summary>
[TestFixture]
public sealed class FallbackTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly HeartbeatProbe AlwaysAlive = static answer => answer();

    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private UdpHeartbeatListener _listener = null!;
    private SessionId _session;
    private byte[] _key = null!;
    private int _port;

    [SetUp]
    public void SetUp()
    {
        _tracker = new PresenceTracker(new PresenceOptions { TickInterval = Interval, ExpireAfter = 20 });
        _keys = new HeartbeatKeys(_tracker);
        _session = _tracker.Join("zhangsan").Session;
        _key = _keys.Issue("zhangsan", _session)!;
        _listener = Listen(0);
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
    public void Fallback_UdpIsBlocked_KeepsTheSessionUntilUdpIsBack()
    {
        int lines = 0;
        using var sender = new HeartbeatSender(
            Options(confirm =>
            {
                Interlocked.Increment(ref lines);
                if (_tracker.Heartbeat(_session)) // what a server does for a line on TCP
                {
                    confirm();
                }
            }),
            AlwaysAlive);
        Loopback.WaitUntil(() => sender.Status.Acknowledged >= 3, "acknowledgements");
        int linesWhileAnswered = Volatile.Read(ref lines);

        _listener.Dispose();
        Loopback.WaitUntil(() => Volatile.Read(ref lines) >= 40, "twice the limit's time on the fallback");
        HeartbeatSenderStatus blocked = sender.Status;
        bool isOnline = _tracker.TryGetClient("zhangsan", out _);
        _listener = Listen(_port);
        Loopback.WaitUntil(() => !sender.Status.IsUnanswered && !sender.Status.IsFallingBack, "UDP again");
        int linesByThen = Volatile.Read(ref lines);
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 5, "beats");

        Assert.Multiple(() =>
        {
            Assert.That(linesWhileAnswered, Is.Zero);
            Assert.That(isOnline, Is.True);
            Assert.That((blocked.IsFallingBack, blocked.IsUnanswered, blocked.MustLogInAgain, blocked.IsProbablyExpired), Is.EqualTo((true, true, false, false)));
            Assert.That(blocked.ConfirmedUntil, Is.GreaterThan(DateTimeOffset.UtcNow));
            Assert.That(Volatile.Read(ref lines), Is.EqualTo(linesByThen), "given up");
        });
    }

    [Test]
    public void Fallback_NobodyConfirmsIt_MustLogInAgain()
    {
        _listener.Dispose();
        int lines = 0;
        using var sender = new HeartbeatSender(Options(_ => Interlocked.Increment(ref lines), expireAfter: 5), AlwaysAlive);

        Loopback.WaitUntil(() => sender.Status.MustLogInAgain, "the status");

        Assert.That(lines, Is.Positive);
    }

    [Test]
    public void Fallback_ApplicationSilent_IsSilentToo()
    {
        _listener.Dispose();
        using var application = new ApplicationLoop();
        int lines = 0;
        using var sender = new HeartbeatSender(Options(_ => Interlocked.Increment(ref lines)), application.Post);
        Loopback.WaitUntil(() => Volatile.Read(ref lines) > 0, "the fallback");

        application.Deadlock();
        Loopback.WaitUntil(() => sender.Status.IsSilent && !sender.Status.IsFallingBack, "silence");
        int linesBySilence = Volatile.Read(ref lines);
        Loopback.WaitUntil(() => sender.Status.MustLogInAgain, "the end");

        Assert.That(Volatile.Read(ref lines), Is.EqualTo(linesBySilence));
    }

    [Test]
    public void Fallback_NameCannotBeLookedUpOrSentTo_IsUsed()
    {
        using var hang = new ManualResetEventSlim();
        using var used = new CountdownEvent(2);
        using var hanging = new HeartbeatSender(Options(_ => Signal(used), host: "server"), AlwaysAlive, null, null, _ =>
        {
            hang.Wait(Loopback.Timeout);
            return [];
        });
        Loopback.WaitUntil(() => used.CurrentCount < 2, "the fallback while the look-up hangs");
        hanging.Dispose();
        hang.Set();

        using var failing = new HeartbeatSender(Options(_ => Signal(used), host: "server"), AlwaysAlive, null, null, _ => [IPAddress.Broadcast]);
        Loopback.WaitUntil(() => used.CurrentCount == 0, "the fallback while sending fails");
        Assert.That(failing.Status.IsFailing, Is.True);
    }

    [Test]
    public void Fallback_Throws_IsToldAndHeartbeatsGoOn()
    {
        _listener.Dispose();
        using var sender = new HeartbeatSender(Options(_ => throw new InvalidOperationException("no connection")), AlwaysAlive);

        Loopback.WaitUntil(() => sender.Status.LastError is InvalidOperationException, "the error");
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent > sent, "heartbeats");
    }

    private static void Signal(CountdownEvent used)
    {
        if (!used.IsSet)
        {
            used.Signal();
        }
    }

    private UdpHeartbeatListener Listen(int port)
    {
        var listener = new UdpHeartbeatListener(_tracker, _keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, port) });
        listener.Start();
        return listener;
    }

    private HeartbeatSenderOptions Options(HeartbeatFallback fallback, int expireAfter = 20, string host = "127.0.0.1") => new()
    {
        Host = host,
        Port = _port,
        Session = _session.Value,
        Key = _key,
        Interval = Interval,
        ExpireAfter = expireAfter,
        Fallback = fallback,
    };
}
