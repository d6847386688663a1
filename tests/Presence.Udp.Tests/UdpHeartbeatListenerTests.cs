using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Moq;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

[TestFixture(true)]
[TestFixture(false)]
public sealed class UdpHeartbeatListenerTests(bool inBatches)
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private UdpHeartbeatListener _listener = null!;
    private Socket _sender = null!;
    private SessionId _session;
    private byte[] _key = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions(), _ticks);
        _keys = new HeartbeatKeys(_tracker);
        _session = _tracker.Join("zhangsan").Session;
        _key = _keys.Issue("zhangsan", _session)!;
        _sender = Loopback.Sender();
        _listener = Listen(Loopback.Options);
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
    public void Heartbeat_Genuine_KeepsTheSessionOnline()
    {
        for (ulong sequence = 1; sequence <= 20; sequence++)
        {
            _ticks.Advance(4);
            Send(Genuine(sequence));
            WaitFor(DatagramOutcome.Accepted, (long)sequence);
        }

        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
    }

    [Test]
    public void Heartbeat_FromANewSocket_KeepsTheSession()
    {
        Send(Genuine(1));
        using Socket moved = Loopback.Sender();
        _ticks.Advance(5);

        moved.SendTo(Genuine(2), _listener.LocalEndPoint!);
        WaitFor(DatagramOutcome.Accepted, 2);
        _ticks.Advance(5);

        Assert.That(_tracker.TryGetClient("zhangsan", out _), Is.True);
    }

    [Test]
    public void Datagrams_OfEveryOutcome_AreCountedByIt()
    {
        using var factory = new TestMeterFactory();
        using UdpHeartbeatListener listener = Listen(Loopback.Options, meterFactory: factory);
        using var collector = new MetricCollector<long>(factory, "Presence.Udp", "presence.udp.datagrams");
        byte[][] datagrams = [Genuine(1), Genuine(1), Datagrams.Forged(_session, 9), Datagrams.Forged(new SessionId(9), 9), [], new byte[39], new byte[41], new byte[65_507]];
        foreach (byte[] datagram in datagrams)
        {
            _sender.SendTo(datagram, listener.LocalEndPoint!);
        }

        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Malformed] == 4, "all datagrams");
        collector.RecordObservableInstruments();
        var counts = collector.GetMeasurementSnapshot().ToDictionary(measurement => (string)measurement.Tags["outcome"]!, measurement => measurement.Value);

        Assert.That(counts, Is.EqualTo(new Dictionary<string, long>
        {
            ["accepted"] = 1,
            ["malformed"] = 4,
            ["unknown"] = 1,
            ["stale"] = 1,
            ["forged"] = 1,
            ["failed"] = 0,
            ["dropped"] = 0,
        }));
    }

    [Test]
    public void Datagrams_NotGenuineOrNotNewerOrNotAsking_GetNoAnswer()
    {
        _sender.Bind(Loopback.AnyPort);
        byte[] reflected = new byte[HeartbeatDatagram.Length]; // an acknowledgement, genuine, played back
        using var tag = new HeartbeatTag();
        HeartbeatDatagram.WriteAcknowledgement(reflected, _session.Value, sequence: 9);
        tag.Sign(new HeartbeatKey(_key), reflected);
        Send(Datagrams.Genuine(_key, _session, 1, asks: true));
        ReceiveAnswer();
        byte[][] datagrams =
        [
            Genuine(2), // does not ask
            Datagrams.Genuine(_key, _session, 1, asks: true), // replayed
            Datagrams.Genuine(_key, _session, 2, asks: true), // not newer
            Datagrams.Genuine(RandomNumberGenerator.GetBytes(32), _session, 3, asks: true), // forged
            Datagrams.Genuine(_key, new SessionId(9), 1, asks: true), // unknown
            reflected,
            [],
            new byte[65_507],
        ];
        foreach (byte[] datagram in datagrams)
        {
            Send(datagram);
        }

        WaitFor(DatagramOutcome.Malformed, 3);

        Assert.That(_sender.Poll(TimeSpan.Zero, SelectMode.SelectRead), Is.False);
    }

    [Test]
    public void Heartbeat_GenuineThatAsks_IsAnsweredWithTheSameSizeAndItsSequence()
    {
        _sender.Bind(Loopback.AnyPort);
        using var tag = new HeartbeatTag();
        for (ulong sequence = 10; sequence < 15; sequence++)
        {
            Send(Datagrams.Genuine(_key, _session, sequence, asks: true));

            byte[] answer = ReceiveAnswer();

            Assert.That(HeartbeatDatagram.TryReadAcknowledgement(answer, out ulong session, out ulong echoed), Is.True);
            Assert.That((session, echoed), Is.EqualTo((_session.Value, sequence)));
            Assert.That(tag.IsGenuine(new HeartbeatKey(_key), answer), Is.True);
        }

        Loopback.WaitUntil(() => _listener.Counts.Acknowledged == 5, "the count"); // which comes after the sending
    }

    [Test]
    public void Heartbeats_OfManyThatAskAtOnce_AreAnsweredEachToWhereItCameFrom()
    {
        const int Count = 100; // more than a batch
        using var shut = new ManualResetEventSlim();
        var sink = new Mock<IHeartbeatSink>();
        sink.Setup(s => s.Heartbeat(It.IsAny<SessionId>())).Callback(() => shut.Wait(Loopback.Timeout)).Returns(true);
        using UdpHeartbeatListener listener = Listen(Loopback.Options, sink.Object);
        (Socket Socket, SessionId Session, byte[] Key)[] clients = [.. Enumerable.Range(0, Count).Select(i =>
        {
            SessionId session = _tracker.Join($"client{i}").Session;
            return (Loopback.Sender(), session, _keys.Issue($"client{i}", session)!);
        })];
        foreach ((Socket socket, SessionId session, byte[] key) in clients)
        {
            socket.ReceiveTimeout = (int)Loopback.Timeout.TotalMilliseconds;
            socket.SendTo(Datagrams.Genuine(key, session, 1, asks: true), listener.LocalEndPoint!);
        }

        shut.Set();

        foreach ((Socket socket, SessionId session, _) in clients)
        {
            byte[] answer = new byte[64];
            int length = socket.Receive(answer);
            socket.Dispose();
            Assert.That(HeartbeatDatagram.TryReadAcknowledgement(answer.AsSpan(0, length), out ulong answered, out _), Is.True);
            Assert.That(answered, Is.EqualTo(session.Value));
        }
    }

    [Test]
    public void Acknowledgement_ThatCannotBeSent_IsCountedAndTheOthersAreSent()
    {
        _sender.Bind(Loopback.AnyPort);
        using UdpHeartbeatListener listener = new(
            _tracker, _keys, Loopback.Options, null, null, null, Loopback.Platform(inBatches) with { CreateChannel = socket => new UnansweringChannel(Loopback.CreateChannel(socket, inBatches)) });
        listener.Start();
        _sender.SendTo(Datagrams.Genuine(_key, _session, 1, asks: true), listener.LocalEndPoint!);

        Loopback.WaitUntil(() => listener.Counts.Unacknowledged == 1, "the one that failed");
        _sender.SendTo(Datagrams.Genuine(_key, _session, 2, asks: true), listener.LocalEndPoint!);
        ReceiveAnswer();
        Loopback.WaitUntil(() => listener.Counts.Acknowledged == 1, "the one that was sent");
    }

    [Test]
    public void Sink_Throws_IsCountedAndTheNextHeartbeatIsTaken()
    {
        var sink = new Mock<IHeartbeatSink>();
        sink.SetupSequence(s => s.Heartbeat(_session)).Throws<InvalidOperationException>().Returns(true);
        using UdpHeartbeatListener listener = Listen(Loopback.Options, sink.Object);

        _sender.SendTo(Genuine(1), listener.LocalEndPoint!);
        _sender.SendTo(Genuine(2), listener.LocalEndPoint!);

        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == 1, "the second heartbeat");
        Assert.That(listener.Counts[DatagramOutcome.Failed], Is.EqualTo(1));
    }

    [Test]
    public void Read_Fails_IsLoggedAndTheNextIsTaken()
    {
        var logger = new FakeLogger<UdpHeartbeatListener>();
        using UdpHeartbeatListener listener = new(
            _tracker, _keys, Loopback.Options, null, logger, null, Loopback.Platform(inBatches) with { CreateChannel = socket => new FailingChannel(Loopback.CreateChannel(socket, inBatches)) });
        listener.Start();

        _sender.SendTo(Genuine(1), listener.LocalEndPoint!);

        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == 1, "the heartbeat after two failures");
        Assert.That(logger.Collector.GetSnapshot().Count(record => record.Id.Id == 109), Is.EqualTo(1), "one line a minute");
    }

    [Test]
    public async Task DisposeAsync_WithDatagramsUnread_TakesThemFirst()
    {
        using var entered = new ManualResetEventSlim();
        using var resume = new ManualResetEventSlim();
        var sink = new Mock<IHeartbeatSink>();
        sink.Setup(s => s.Heartbeat(_session)).Callback(() =>
        {
            entered.Set();
            resume.Wait(Loopback.Timeout);
        }).Returns(true);
        UdpHeartbeatListener listener = Listen(Loopback.Options, sink.Object);
        _sender.SendTo(Genuine(1), listener.LocalEndPoint!);
        Assert.That(entered.Wait(Loopback.Timeout), Is.True);
        for (ulong sequence = 2; sequence <= 1_000; sequence++)
        {
            _sender.SendTo(Genuine(sequence), listener.LocalEndPoint!); // while the loop is held up, so they pile up
        }

        ValueTask stop = listener.DisposeAsync();
        resume.Set();
        await stop;

        Assert.That(listener.Counts[DatagramOutcome.Accepted], Is.EqualTo(1_000));
    }

    [Test]
    public async Task DisposeAsync_Idle_IsPromptAndFreesThePort()
    {
        IPEndPoint endPoint = _listener.LocalEndPoint!;

        await _listener.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        await _listener.DisposeAsync(); // and again

        using Socket again = Loopback.Sender();
        Assert.That(() => again.Bind(endPoint), Throws.Nothing);
    }

    [Test]
    public async Task DisposeAsync_NeverStarted_Completes()
    {
        var listener = new UdpHeartbeatListener(_tracker, _keys, Loopback.Options);

        await listener.DisposeAsync();

        Assert.That(listener.Start, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void ReceiveThreads_Several_TakeTheHeartbeatsOfManyClientsAndStopTogether()
    {
        const int Clients = 50;
        using var sinkShut = new CountdownEvent(2);
        var sink = new Mock<IHeartbeatSink>();
        var threads = new ConcurrentDictionary<int, bool>();
        sink.Setup(s => s.Heartbeat(It.IsAny<SessionId>())).Callback(() =>
        {
            if (threads.TryAdd(Environment.CurrentManagedThreadId, true) && !sinkShut.IsSet)
            {
                sinkShut.Signal();
                sinkShut.Wait(Loopback.Timeout); // until two threads are in it at once
            }
        }).Returns(true);
        var listener = new UdpHeartbeatListener(
            sink.Object,
            _keys,
            new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveThreads = 2 },
            null,
            null,
            null,
            Loopback.Platform(inBatches) with { HasSocketPerThread = inBatches });
        listener.Start();
        foreach (int i in Enumerable.Range(0, Clients))
        {
            SessionId session = _tracker.Join($"client{i}").Session;
            using Socket client = Loopback.Sender();
            client.SendTo(Datagrams.Genuine(_keys.Issue($"client{i}", session)!, session, 1), listener.LocalEndPoint!);
        }

        listener.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(threads, Has.Count.EqualTo(2));
            Assert.That(listener.Counts[DatagramOutcome.Accepted], Is.EqualTo(Clients));
            Assert.That(listener.Counts.Beating, Is.EqualTo(Clients));
        });
    }

    [Test]
    public void Start_Twice_Throws() => Assert.That(_listener.Start, Throws.InvalidOperationException);

    [Test]
    public void Start_PortTaken_ThrowsAndCanBeDisposedOf()
    {
        var second = new UdpHeartbeatListener(_tracker, _keys, new UdpHeartbeatOptions { EndPoint = _listener.LocalEndPoint! });

        Assert.That(second.Start, Throws.InstanceOf<SocketException>()
            .With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.AddressAlreadyInUse)
            .And.Message.Contains($"{_listener.LocalEndPoint}").And.Message.Contains(nameof(UdpHeartbeatOptions.EndPoint)));
        Assert.That(second.Dispose, Throws.Nothing);
    }

    [TestCase("127.0.0.1", false, "127.0.0.1")]
    [TestCase("0.0.0.0", false, "127.0.0.1")]
    [TestCase("::1", false, "::1")]
    [TestCase("::", true, "127.0.0.1")]
    [TestCase("::", true, "::1")]
    public void Start_OnAnyKindOfEndPoint_Receives(string bound, bool dualMode, string target)
    {
        Assume.That(Socket.OSSupportsIPv6 || !(bound + target).Contains(':'), "this host has no IPv6");
        using UdpHeartbeatListener listener = Listen(new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Parse(bound), 0), DualMode = dualMode });
        var address = IPAddress.Parse(target);
        using Socket sender = Loopback.Sender(address);

        sender.SendTo(Genuine(1), new IPEndPoint(address, listener.LocalEndPoint!.Port));

        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == 1, "the heartbeat");
    }

    [Test]
    public void KernelDrops_SinceTheLastTick_WithholdIt()
    {
        Assume.That(OperatingSystem.IsLinux(), "drops are told on Linux only");
        using var entered = new ManualResetEventSlim();
        using var resume = new ManualResetEventSlim();
        var sink = new Mock<IHeartbeatSink>();
        sink.Setup(s => s.Heartbeat(_session)).Callback(() =>
        {
            entered.Set();
            resume.Wait(Loopback.Timeout);
        }).Returns(true);
        using UdpHeartbeatListener listener = Listen(
            new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveThreads = 1, ReceiveBufferSize = UdpHeartbeatOptions.MinReceiveBufferSize }, sink.Object);
        _ticks.Advance(5); // one more expires the client
        _sender.SendTo(Genuine(1), listener.LocalEndPoint!);
        Assert.That(entered.Wait(Loopback.Timeout), Is.True);
        for (int i = 0; i < 100; i++)
        {
            _sender.SendTo(new byte[HeartbeatDatagram.Length], listener.LocalEndPoint!);
        }

        _ticks.Advance();
        bool onlineAfterDrops = _tracker.TryGetClient("zhangsan", out _);
        _ticks.Advance();
        bool onlineAfterNone = _tracker.TryGetClient("zhangsan", out _);
        resume.Set();

        Assert.Multiple(() =>
        {
            Assert.That(listener.Counts[DatagramOutcome.Dropped], Is.GreaterThan(0));
            Assert.That(onlineAfterDrops, Is.True);
            Assert.That(onlineAfterNone, Is.False);
        });
    }

    [Test]
    public void Start_BufferNotGranted_WarnsOnceWithTheSetting()
    {
        Assume.That(OperatingSystem.IsLinux(), "another system may grant it");
        var logger = new FakeLogger<UdpHeartbeatListener>();
        using UdpHeartbeatListener listener = Listen(
            new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveThreads = 1, ReceiveBufferSize = UdpHeartbeatOptions.MaxReceiveBufferSize }, logger: logger);

        Assert.That(
            logger.Collector.GetSnapshot().Where(record => record.Id.Id == 102).Select(record => record.Message),
            Has.Exactly(1).Contains($"net.core.rmem_max={UdpHeartbeatOptions.MaxReceiveBufferSize}"));
    }

    [Test]
    public void Start_BufferGranted_DoesNotWarn()
    {
        var logger = new FakeLogger<UdpHeartbeatListener>();
        using UdpHeartbeatListener listener = Listen(
            new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveThreads = 1, ReceiveBufferSize = UdpHeartbeatOptions.MinReceiveBufferSize }, logger: logger);

        Assert.That(logger.Collector.GetSnapshot().Select(record => record.Id.Id), Has.Exactly(1).Items.And.All.EqualTo(101));
    }

    private UdpHeartbeatListener Listen(
        UdpHeartbeatOptions options, IHeartbeatSink? sink = null, FakeLogger<UdpHeartbeatListener>? logger = null, IMeterFactory? meterFactory = null)
    {
        var listener = new UdpHeartbeatListener(sink ?? _tracker, _keys, options, null, logger, meterFactory, Loopback.Platform(inBatches));
        listener.Start();
        return listener;
    }

    private byte[] ReceiveAnswer()
    {
        byte[] answer = new byte[64];
        _sender.ReceiveTimeout = (int)Loopback.Timeout.TotalMilliseconds;
        return answer[.._sender.Receive(answer)];
    }

    private byte[] Genuine(ulong sequence) => Datagrams.Genuine(_key, _session, sequence);

    private void Send(byte[] datagram) => _sender.SendTo(datagram, _listener.LocalEndPoint!);

    private void WaitFor(DatagramOutcome outcome, long count) => Loopback.WaitUntil(() => _listener.Counts[outcome] >= count, $"{count} {outcome}");

    private sealed class TestMeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }

    /// <summary>Fails to send the first answer, as when the network is down.</summary>
    private sealed class UnansweringChannel(DatagramChannel channel) : DatagramChannel
    {
        private bool _hasFailed;

        public override string Name => channel.Name;

        public override ReadOnlySpan<byte> this[int index] => channel[index];

        public override int Read(bool wait) => channel.Read(wait);

        public override Span<byte> AnswerTo(int index) => channel.AnswerTo(index);

        public override int SendAnswers()
        {
            if (_hasFailed)
            {
                return channel.SendAnswers();
            }

            _hasFailed = true;
            return 0;
        }
    }

    /// <summary>Fails twice, then reads.</summary>
    private sealed class FailingChannel(DatagramChannel channel) : DatagramChannel
    {
        private int _failures = 2;

        public override string Name => channel.Name;

        public override ReadOnlySpan<byte> this[int index] => channel[index];

        public override int Read(bool wait) =>
            _failures-- > 0 ? throw new SocketException((int)SocketError.NetworkDown) : channel.Read(wait);

        public override Span<byte> AnswerTo(int index) => channel.AnswerTo(index);

        public override int SendAnswers() => channel.SendAnswers();
    }
}
