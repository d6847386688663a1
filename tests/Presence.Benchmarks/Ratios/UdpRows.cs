using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;
using Presence.Udp;

namespace Presence.Benchmarks.Ratios;

/// <summary>Heartbeats over loopback, from the receive buffer into the tracker, against datagrams that the same listener only counts.</summary>
internal static class UdpRows
{
    private const int Count = 1_000_000;
    private const int Burst = 400; // fits the receive buffer that Linux grants by default, where each takes 832 bytes
    private const int Rounds = 500;
    private const int Warmup = 100;
    private const int Length = 40;

    public static IEnumerable<Row> Measure()
    {
        using var presence = new PresenceContender();
        using var keys = new HeartbeatKeys(presence.Tracker);
        string[] ids = Clients.Ids(Count);
        (SessionId Session, byte[] Key)[] joined = [.. ids.Select(id => presence.Tracker.Join(id).Session is var session ? (session, keys.Issue(id, session)!) : default)];
        SessionId gate = presence.Tracker.Join("gate").Session;
        byte[] gateKey = keys.Issue("gate", gate)!;
        int[] order = Clients.Shuffled(Count);

        using var sink = new GatedSink(presence.Tracker, gate);
        using var listener = new UdpHeartbeatListener(sink, keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        listener.Start();
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        SocketAddress target = listener.LocalEndPoint!.Serialize();
        byte[] datagram = new byte[Length];
        byte[] malformed = new byte[Length];
        ulong gateSequence = 0;
        (Samples ours, Samples reference) = (new(), new());
        for (int round = 0; round < 2 * Rounds; round++)
        {
            bool areGenuine = round % 2 == 0;
            Samples samples = areGenuine ? ours : reference;
            presence.Tick();
            Pass();
            sink.AwaitArrival();
            for (int i = 0; i < Burst; i++)
            {
                int client = order[((round / 2 * Burst) + i) % Count];
                if (areGenuine)
                {
                    Write(datagram, joined[client].Session, (ulong)round + 1, joined[client].Key);
                }

                sender.SendTo(areGenuine ? datagram : malformed, SocketFlags.None, target);
            }

            Pass();
            sink.Open();
            sink.AwaitArrival();
            sink.Open();
            if (round >= 2 * Warmup)
            {
                samples.Add(sink.Between / Burst);
            }
        }

        yield return new Row("udp-heartbeat/count-only", ours.Median, reference.Median, "ns", 3);

        void Pass()
        {
            Write(datagram, gate, ++gateSequence, gateKey);
            sender.SendTo(datagram, SocketFlags.None, target);
        }
    }

    /// <summary>Writes a heartbeat, as <c>docs/udp.md</c> has it.</summary>
    private static void Write(Span<byte> datagram, SessionId session, ulong sequence, byte[] key)
    {
        datagram.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(datagram, 0x50_52_42_01_01_00_00_00);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[8..], session.Value);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[16..], sequence);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, datagram[..24], mac);
        mac[..16].CopyTo(datagram[24..]);
    }

    private sealed class GatedSink(IHeartbeatSink sink, SessionId gate) : IHeartbeatSink, IDisposable
    {
        private readonly SemaphoreSlim _arrived = new(0);
        private readonly SemaphoreSlim _open = new(0);
        private long _opened;
        public double Between { get; private set; }

        public bool Heartbeat(string clientId) => sink.Heartbeat(clientId);

        public bool Heartbeat(SessionId session)
        {
            if (session == gate)
            {
                Between = Interleaved.Nanoseconds(_opened, Stopwatch.GetTimestamp());
                _arrived.Release();
                _open.Wait();
                _opened = Stopwatch.GetTimestamp();
            }

            return sink.Heartbeat(session);
        }

        public void AwaitArrival() => _arrived.Wait();

        public void Open() => _open.Release();

        public void Dispose()
        {
            _arrived.Dispose();
            _open.Dispose();
        }
    }
}
