using System.Diagnostics;
using System.Net.Sockets;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>What strangers can do to the verdict "heartbeats were lost here" on a real socket: nothing, unless they were.</summary>
[TestFixture]
public sealed class LostHeartbeatTests
{
    private const int Clients = 100;

    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private SlowSink _sink = null!;
    private HeartbeatKeys _keys = null!;
    private UdpHeartbeatListener _listener = null!;
    private Socket _sender = null!;
    private (SessionId Session, byte[] Key)[] _clients = null!;
    private ulong _sequence;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions { MassExpiryShare = 1 }, _ticks);
        _keys = new HeartbeatKeys(_tracker);
        _clients = [.. Enumerable.Range(0, Clients).Select(i => $"client{i}").Select(id =>
        {
            SessionId session = _tracker.Join(id).Session;
            return (session, _keys.Issue(id, session)!);
        })];
        _listener = new UdpHeartbeatListener(_sink = new SlowSink(_tracker), _keys, new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveBufferSize = 64 * 1024 });
        _listener.Start();
        _sender = Loopback.Sender();
        _sequence = 0;
    }

    [TearDown]
    public void TearDown()
    {
        _sender.Dispose();
        _listener.Dispose();
        _keys.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void WrongChecksums_OneEachTick_KeepNoDeadClientOnline()
    {
        using var strangers = WrongChecksums.Open(_listener.LocalEndPoint!);
        long dropped = 0;
        for (int tick = 1; tick <= 6; tick++)
        {
            BeatAll(except: "client0");
            strangers.Send();
            Loopback.WaitUntil(() => _listener.Counts[DatagramOutcome.Dropped] > dropped, "the kernel's counter");
            dropped = _listener.Counts[DatagramOutcome.Dropped];

            _ticks.Advance();

            Assert.That(_tracker.TryGetClient("client0", out _), Is.EqualTo(tick < 6), $"at tick {tick}");
        }

        Assert.That(_tracker.OnlineCount, Is.EqualTo(Clients - 1));
    }

    [Test]
    public void Overflow_ByForgedTagsInPulses_IsLossJustWhereHeartbeatsWereLost()
    {
        var verdicts = new List<(bool IsFlooded, double Share, bool IsLost)>();
        using var flood = new Flood(_listener.LocalEndPoint!, Datagrams.Forged(_clients[0].Session, ulong.MaxValue), threads: 2);
        Watch(TimeSpan.FromSeconds(0.5), isFlooded: false); // what is usual has to be known first
        for (int pulse = 0; pulse < (TestScale.IsLong ? 8 : 2); pulse++)
        {
            flood.Resume();
            _sink.Delay = TimeSpan.FromMilliseconds(20); // or a fast machine reads all that two threads can send
            Watch(TimeSpan.FromSeconds(TestScale.IsLong ? 5 : 1), isFlooded: true);
            flood.Pause();
            _sink.Delay = TimeSpan.Zero;
            Watch(TimeSpan.FromSeconds(TestScale.IsLong ? 1.3 : 0.3), isFlooded: false);
        }

        TestContext.Out.WriteLine(string.Join('\n', verdicts));
        var flooded = verdicts.Where(verdict => verdict.IsFlooded).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(flooded.Count(verdict => verdict.Share < 0.5), Is.Positive, "overflow");
            Assert.That(flooded.Where(verdict => verdict.Share < 0.5).Select(verdict => verdict.IsLost), Is.All.True, "lost");
            Assert.That(verdicts.Where(verdict => verdict.Share > 0.9).Select(verdict => verdict.IsLost), Is.All.False, "not lost");
        });

        void Watch(TimeSpan duration, bool isFlooded)
        {
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration;)
            {
                long before = _listener.Counts[DatagramOutcome.Accepted];
                Beat(TimeSpan.FromMilliseconds(1));
                bool isLost = _listener.AreHeartbeatsLost(); // the tracker, whose ticks stand still, does not ask
                verdicts.Add((isFlooded, (_listener.Counts[DatagramOutcome.Accepted] - before) / (double)Clients, isLost));
            }
        }
    }

    /// <summary>Has everyone but one beat, and waits until they were heard.</summary>
    private void BeatAll(string except)
    {
        long accepted = _listener.Counts[DatagramOutcome.Accepted];
        _sequence++;
        for (int i = 0; i < Clients; i++)
        {
            if ($"client{i}" != except)
            {
                _sender.SendTo(Datagrams.Genuine(_clients[i].Key, _clients[i].Session, _sequence), _listener.LocalEndPoint!);
            }
        }

        Loopback.WaitUntil(() => _listener.Counts[DatagramOutcome.Accepted] == accepted + Clients - 1, "the heartbeats");
    }

    private void Beat(TimeSpan apart)
    {
        _sequence++;
        foreach ((SessionId session, byte[] key) in _clients)
        {
            _sender.SendTo(Datagrams.Genuine(key, session, _sequence), _listener.LocalEndPoint!);
            Thread.Sleep(apart); // clients don't all beat at once
        }
    }

    /// <summary>A host that takes its time over each heartbeat, while it is told to.</summary>
    private sealed class SlowSink(IHeartbeatSink sink) : IHeartbeatSink
    {
        private long _delayTicks;

        public TimeSpan Delay
        {
            get => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));
            set => Volatile.Write(ref _delayTicks, value.Ticks);
        }

        public bool Heartbeat(string clientId) => sink.Heartbeat(clientId);

        public bool Heartbeat(SessionId session)
        {
            Thread.Sleep(Delay);
            return sink.Heartbeat(session);
        }
    }
}
