using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;
using Presence.Udp;

namespace Presence.Benchmarks.Ratios;

/// <summary>Authenticated heartbeats over loopback into the tracker, against datagrams that the same listener only counts.</summary>
/// <remarks>A burst is sent while the listener waits, and received while nothing is sent: neither side hides behind the other.</remarks>
internal static class UdpRows
{
    private const int Count = 1_000_000;
    private const int Burst = 400; // fits the receive buffer that Linux grants by default, of which each takes 832 bytes
    private const int Rounds = 800;
    private const int WarmupRounds = Rounds / 4;
    private const int DatagramLength = 40;

    public static IEnumerable<Row> Measure()
    {
        using var presence = new PresenceContender();
        using var keys = new HeartbeatKeys(presence.Tracker);
        Sender[] senders = [.. Clients.Ids(Count).Select(Join)];
        new Random(Count).Shuffle(senders);
        Sender gate = Join("gate");
        using var sink = new GatedSink(presence.Tracker, gate.Session);
        using var listener = new UdpHeartbeatListener(sink, keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), ReceiveThreads = 1 });
        listener.Start();
        using var outcomes = new OutcomeMeter();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(listener.LocalEndPoint!);

        byte[] genuine = new byte[Burst * DatagramLength];
        byte[] countedOnly = new byte[Burst * DatagramLength]; // for a session that nobody has, which is seen by one look-up; the kernel would filter other garbage
        for (int i = 0; i < Burst; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(countedOnly.AsSpan(i * DatagramLength), Sender.Header);
        }

        byte[] opening = new byte[DatagramLength];
        (Samples ours, Samples reference, Samples ourReceiving, Samples referenceReceiving) = (new(), new(), new(), new());
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Burst; i++)
            {
                senders[((round * Burst) + i) % Count].Write(genuine.AsSpan(i * DatagramLength, DatagramLength), sequence: (ulong)round + 1);
            }

            presence.Tick();
            (double sending, double receiving) = Pass(genuine, (2 * (ulong)round) + 1);
            (double sendingCounted, double receivingCounted) = Pass(countedOnly, (2 * (ulong)round) + 2);
            if (round >= WarmupRounds)
            {
                ours.Add(sending + receiving);
                reference.Add(sendingCounted + receivingCounted);
                ourReceiving.Add(receiving);
                referenceReceiving.Add(receivingCounted);
            }
        }

        if (sink.Accepted != Rounds * Burst || outcomes.Read("unknown") != Rounds * Burst)
        {
            throw new InvalidOperationException($"{sink.Accepted} of {Rounds * Burst} heartbeats were accepted, and {outcomes.Read("unknown")} of as many only counted.");
        }

        yield return new Row("udp-end-to-end/count-only", ours.Median, reference.Median, "ns", 3);
        yield return new Row("udp-receiving/count-only", ourReceiving.Median, referenceReceiving.Median, "ns", 4);

        Sender Join(string id)
        {
            SessionId session = presence.Tracker.Join(id).Session;
            return new Sender(session, keys.Issue(id, session)!);
        }

        // Between a heartbeat that shuts the sink and the next one, a burst; nanoseconds per datagram of it.
        (double Sending, double Receiving) Pass(byte[] datagrams, ulong passage)
        {
            gate.Write(opening, (2 * passage) - 1);
            socket.Send(opening);
            sink.WaitUntilShut();
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Burst; i++)
            {
                socket.Send(datagrams.AsSpan(i * DatagramLength, DatagramLength));
            }

            double sending = Interleaved.Nanoseconds(started, Stopwatch.GetTimestamp());
            gate.Write(opening, 2 * passage);
            socket.Send(opening);
            sink.Open();
            sink.WaitUntilShut();
            sink.Open();
            return (sending / Burst, sink.OpenFor / Burst);
        }
    }

    /// <summary>A client that writes its heartbeats as <c>docs/udp.md</c> has them.</summary>
    private sealed record Sender(SessionId Session, byte[] Key)
    {
        public const ulong Header = 0x50_52_42_01_01_00_00_00;

        public void Write(Span<byte> datagram, ulong sequence)
        {
            BinaryPrimitives.WriteUInt64BigEndian(datagram, Header);
            BinaryPrimitives.WriteUInt64BigEndian(datagram[8..], Session.Value);
            BinaryPrimitives.WriteUInt64BigEndian(datagram[16..], sequence);
            Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(Key, datagram[..24], mac);
            mac[..16].CopyTo(datagram[24..]);
        }
    }

    /// <summary>The tracker, behind a gate that heartbeats of one session shut, and that holds up the listener's thread until it is opened.</summary>
    private sealed class GatedSink(PresenceTracker tracker, SessionId gate) : IHeartbeatSink, IDisposable
    {
        private readonly SemaphoreSlim _shut = new(0);
        private readonly SemaphoreSlim _open = new(0);
        private long _openedAt;

        public int Accepted { get; private set; }

        /// <summary>Nanoseconds between the last opening and the last shutting.</summary>
        public double OpenFor { get; private set; }

        public bool Heartbeat(string clientId) => tracker.Heartbeat(clientId);

        public bool Heartbeat(SessionId session)
        {
            if (session == gate)
            {
                OpenFor = Interleaved.Nanoseconds(_openedAt, Stopwatch.GetTimestamp());
                _shut.Release();
                _open.Wait();
                _openedAt = Stopwatch.GetTimestamp();
                return true;
            }

            Accepted++;
            return tracker.Heartbeat(session);
        }

        public void WaitUntilShut() => _shut.Wait();

        public void Open() => _open.Release();

        public void Dispose()
        {
            _shut.Dispose();
            _open.Dispose();
        }
    }
}
