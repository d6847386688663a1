using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Testing;

namespace Presence.Udp.Client.Tests;

/// <summary>Real senders and a real listener over loopback, in real time.</summary>
[TestFixture]
public sealed class HeartbeatSenderTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly HeartbeatProbe AlwaysAlive = static answer => answer();

    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private CountingSink _sink = null!;
    private UdpHeartbeatListener _listener = null!;
    private HeartbeatSenderOptions _options = null!;

    [SetUp]
    public void SetUp()
    {
        _tracker = new PresenceTracker(new PresenceOptions { TickInterval = Interval });
        _keys = new HeartbeatKeys(_tracker);
        _sink = new CountingSink(_tracker);
        _listener = new UdpHeartbeatListener(_sink, _keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        _listener.Start();
        _options = LogIn("zhangsan", expireAfter: 20);
    }

    [TearDown]
    public void TearDown()
    {
        _listener.Dispose();
        _keys.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void Sender_ApplicationAlive_BeatsAtOnceAndKeepsItsRate()
    {
        long start = Stopwatch.GetTimestamp();
        using var sender = new HeartbeatSender(_options, AlwaysAlive);

        Loopback.WaitUntil(() => _sink.Heartbeats >= 1, "the first beat");
        Loopback.WaitUntil(() => sender.Status.Sent >= 21, "twenty more");
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

        Assert.Multiple(() =>
        {
            // 21 beats take 19 to 20 intervals from the first, as the phase has it; never less, and on a busy machine a little more.
            Assert.That(elapsed, Is.GreaterThanOrEqualTo(19 * Interval).And.LessThan(60 * Interval));
            Assert.That((sender.Status.Failed, sender.Status.IsSilent, sender.Status.IsProbablyExpired, sender.Status.LastError), Is.EqualTo((0L, false, false, (Exception?)null)));
            Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
        });
    }

    [Test]
    public async Task Sender_ApplicationLoopDeadlocked_FallsSilentWithinThreeIntervalsAndTheSessionExpires()
    {
        using var application = new ApplicationLoop();
        var expired = new TaskCompletionSource();
        _tracker.OnClientExpired(_ =>
        {
            expired.TrySetResult();
            return default;
        });
        var logger = new FakeLogger<HeartbeatSender>();
        using var sender = new HeartbeatSender(_options, application.Post, logger: logger);
        Loopback.WaitUntil(() => sender.Status.Sent >= 5, "some beats");

        application.Deadlock();
        long sentBefore = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.IsSilent, "silence");
        long sentAtSilence = sender.Status.Sent;
        await expired.Task.WaitAsync(Loopback.Timeout);
        Loopback.WaitUntil(() => sender.Status.IsProbablyExpired, "the sender to know"); // its own clock and not the server's tells

        Assert.Multiple(() =>
        {
            // Those at 0 and 1 intervals after the probe that is never served; one that was just being sent; and the third, if the first came late.
            Assert.That(sentAtSilence - sentBefore, Is.LessThanOrEqualTo(4), "beats after the deadlock");
            Assert.That(sender.Status.Sent, Is.EqualTo(sentAtSilence), "silent for good");
            Assert.That(logger.Collector.GetSnapshot().Count(record => record.Id.Id == 121), Is.EqualTo(1));
        });
    }

    [Test]
    public void Sender_ApplicationAnswersAgain_GoesOn()
    {
        using var application = new ApplicationLoop();
        using var sender = new HeartbeatSender(LogIn("lisi", expireAfter: 1_000), application.Post);
        application.Deadlock();
        Loopback.WaitUntil(() => sender.Status.IsSilent, "silence");
        long sent = sender.Status.Sent;

        application.Release();

        Loopback.WaitUntil(() => !sender.Status.IsSilent && sender.Status.Sent > sent, "beats");
    }

    [Test]
    public void Sender_ThreadPoolStarved_BeatsOnIfTheApplicationsLoopAnswers()
    {
        using var application = new ApplicationLoop();
        using var starve = new ManualResetEventSlim();
        using var sender = new HeartbeatSender(_options, application.Post);
        using var poolSender = new HeartbeatSender(LogIn("lisi", expireAfter: 1_000), HeartbeatProbes.ThreadPool);
        var blocked = new List<Task>();
        for (int i = 0; i < 200; i++)
        {
            blocked.Add(Task.Run(() => starve.Wait(Loopback.Timeout)));
        }

        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 15, "beats in spite of the pool");
        bool poolWasSilent = poolSender.Status.IsSilent;
        starve.Set();
        Task.WaitAll([.. blocked]);

        Assert.Multiple(() =>
        {
            Assert.That(sender.Status.Failed, Is.Zero);
            Assert.That(poolWasSilent, Is.True, "who lives on the pool is not alive while it starves");
        });
    }

    [Test]
    public void Sender_SendingFails_ReportsAndRecovers()
    {
        IPAddress address = IPAddress.Broadcast; // not permitted
        var logger = new FakeLogger<HeartbeatSender>();
        using var sender = new HeartbeatSender(LogIn("lisi", expireAfter: 20, host: "server"), AlwaysAlive, null, logger, _ => [address]);

        Loopback.WaitUntil(() => sender.Status.Failed >= 2, "failures");
        Exception? error = sender.Status.LastError;
        address = IPAddress.Loopback;
        Loopback.WaitUntil(() => _sink.Heartbeats >= 3, "beats");

        Assert.Multiple(() =>
        {
            Assert.That(error, Is.InstanceOf<SocketException>());
            Assert.That(logger.Collector.GetSnapshot().Select(record => record.Id.Id), Is.SupersetOf(Enumerable.Range(123, 2)));
        });
    }

    [Test]
    public void Restart_MidSession_KeepsTheSession()
    {
        using var sender = new HeartbeatSender(_options, AlwaysAlive);
        Loopback.WaitUntil(() => _sink.Heartbeats >= 2, "beats");

        sender.Restart();

        int accepted = _sink.Heartbeats;
        Loopback.WaitUntil(() => _sink.Heartbeats >= accepted + 3, "beats from the new socket");
        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
    }

    [Test]
    public void Patience_ChangedWhileALevelLoads_HoldsFromTheNextHeartbeatOn()
    {
        using var application = new ApplicationLoop();
        using var sender = new HeartbeatSender(LogIn("lisi", expireAfter: 1_000), application.Post);
        sender.Patience = TimeSpan.FromHours(1);
        application.Deadlock();
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 10, "beats in spite of it");

        sender.Patience = Interval;

        Loopback.WaitUntil(() => sender.Status.IsSilent, "silence");
        Assert.That(() => sender.Patience = Interval / 2, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(sender.Patience, Is.EqualTo(Interval));
    }

    [Test]
    public void Dispose_BetweenBeats_IsPromptAndCanBeRepeated()
    {
        var sender = new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = _options.Host,
                Port = _options.Port,
                Session = _options.Session,
                Key = _options.Key,
                Interval = TimeSpan.FromHours(1),
                ExpireAfter = 5,
            },
            AlwaysAlive);
        Loopback.WaitUntil(() => sender.Status.Sent == 1, "the first beat");

        long start = Stopwatch.GetTimestamp();
        sender.Dispose();
        sender.Dispose();

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void Of_SynchronizationContext_PostsThere()
    {
        var context = new CountingContext();
        using var sender = new HeartbeatSender(_options, HeartbeatProbes.Of(context));

        Loopback.WaitUntil(() => sender.Status.Sent >= 5, "beats");

        Assert.That(context.Posts, Is.GreaterThanOrEqualTo(4));
    }

    [TestCase("", 1, 32, 1, 5)]
    [TestCase("host", 0, 32, 1, 5)]
    [TestCase("host", 65_536, 32, 1, 5)]
    [TestCase("host", 1, 31, 1, 5)]
    [TestCase("host", 1, 33, 1, 5)]
    [TestCase("host", 1, 32, 0, 5)]
    [TestCase("host", 1, 32, 86_401, 5)]
    [TestCase("host", 1, 32, 1, 0)]
    public void Constructor_OptionOutOfRange_Throws(string host, int port, int keyLength, int intervalSeconds, int expireAfter)
    {
        var options = new HeartbeatSenderOptions
        {
            Host = host,
            Port = port,
            Session = 1,
            Key = new byte[keyLength],
            Interval = TimeSpan.FromSeconds(intervalSeconds),
            ExpireAfter = expireAfter,
        };

        Assert.That(() => new HeartbeatSender(options, AlwaysAlive), Throws.InstanceOf<ArgumentException>());
    }

    private HeartbeatSenderOptions LogIn(string client, int expireAfter, string host = "127.0.0.1")
    {
        SessionId session = _tracker.Join(client, new JoinOptions { ExpireAfter = expireAfter }).Session;
        return new HeartbeatSenderOptions
        {
            Host = host,
            Port = _listener.LocalEndPoint!.Port,
            Session = session.Value,
            Key = _keys.Issue(client, session)!,
            Interval = Interval,
            ExpireAfter = expireAfter,
        };
    }

    private sealed class CountingContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => Volatile.Read(ref _posts);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posts);
            d(state);
        }
    }
}
